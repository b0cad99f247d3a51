//! Whole JSON documents.

use super::traits::Decode;
use serde::de::Error as _;
use serde_json::Value;

/// The text of a JSON document.
///
/// Checked once as a whole, it is not checked again string by string, which takes a third of the time of decoding.
///
/// # Errors
/// When the bytes are not UTF-8, which JSON is: with the place of the first string that is not.
pub fn text_of(document: &[u8]) -> Result<&str, serde_json::Error> {
    std::str::from_utf8(document).map_err(|error| {
        // The parser tells lines and columns; it does not get past what is no UTF-8 unless that stands behind the document.
        serde_json::from_slice::<Value>(document).err().unwrap_or_else(|| serde_json::Error::custom(error))
    })
}

/// Decodes a JSON document.
///
/// # Errors
/// When the bytes are not one JSON document of a shape that can be understood as `T`.
pub fn from_slice<T: Decode>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text_of(bytes)?);
    let value = T::decode(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}
