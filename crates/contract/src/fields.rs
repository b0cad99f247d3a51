//! Writes generated objects as JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A JSON object that is written field by field.
pub struct Fields<S: Serializer>(S::SerializeMap);

impl<S: Serializer> Fields<S> {
    /// Begins an object.
    ///
    /// # Errors
    /// If the serializer fails.
    pub fn new(serializer: S) -> Result<Self, S::Error> {
        serializer.serialize_map(None).map(Fields)
    }

    /// Writes a field.
    ///
    /// # Errors
    /// If the serializer fails.
    pub fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
        self.0.serialize_entry(name, value)
    }

    /// Writes a field, unless it is unset.
    ///
    /// # Errors
    /// If the serializer fails.
    pub fn optional<T: Serialize>(&mut self, name: &'static str, value: &Option<T>) -> Result<(), S::Error> {
        match value {
            Some(value) => self.0.serialize_entry(name, value),
            None => Ok(()),
        }
    }

    /// Ends the object.
    ///
    /// # Errors
    /// If the serializer fails.
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}
