//! Global ids: `gid://gitlab/Ci::Pipeline/42`.

use crate::argument::{Arg, IntoArg, Nullable};
use crate::decode::{self, Decode};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

/// The kind of a global id.
pub trait IdKind {
    /// The name in the schema without the suffix `ID`, `CiPipeline`; `None` if the kind covers several models.
    const NAME: Option<&'static str>;
}

/// A kind that covers a single model. Numeric ids of the model can be converted to global ids.
pub trait Model: IdKind {
    /// The model's class, `Ci::Pipeline`.
    const CLASS: &'static str;
}

/// Any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Any {}

impl IdKind for Any {
    const NAME: Option<&'static str> = None;
}

/// A global id of a kind.
///
/// Ids from the caller are checked: [`parse`](GlobalId::parse) rejects the id of another kind. Ids from GitLab are not
/// checked.
pub struct GlobalId<K> {
    text: Box<str>,
    kind: PhantomData<fn() -> K>,
}

/// A text that is not a global id, or not of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalIdError {
    text: String,
    expected: Option<&'static str>,
}

impl fmt::Display for GlobalIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected {
            Some(kind) => write!(f, "`{}` is not the global id of a {kind}", self.text),
            None => write!(f, "`{}` is not a global id such as gid://gitlab/Project/1", self.text),
        }
    }
}

impl std::error::Error for GlobalIdError {}

/// The class and the id within it.
fn split(text: &str) -> Option<(&str, &str)> {
    let (_app, rest) = text.strip_prefix("gid://")?.split_once('/')?;
    let (class, id) = rest.split_once('/')?;
    let named = |class: &str| !class.is_empty() && class.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':');
    (named(class) && !id.is_empty() && !id.contains('/')).then_some((class, id))
}

impl<K> GlobalId<K> {
    fn raw(text: impl Into<Box<str>>) -> Self {
        GlobalId { text: text.into(), kind: PhantomData }
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The model's class, `Ci::Pipeline`; `None` if GitLab sent something else.
    pub fn class(&self) -> Option<&str> {
        split(&self.text).map(|(class, _)| class)
    }

    /// The number at the end. REST calls it the id.
    pub fn number(&self) -> Option<i64> {
        match split(&self.text) {
            Some((_, id)) => id.split('?').next().and_then(|id| id.parse().ok()),
            None => self.text.parse().ok(),
        }
    }

    /// The same id without its kind.
    pub fn any(self) -> GlobalId<Any> {
        GlobalId::raw(self.text)
    }
}

impl<K: IdKind> GlobalId<K> {
    /// An id from its text.
    ///
    /// # Errors
    /// If the text is not a global id, or is the id of another kind.
    pub fn parse(text: &str) -> Result<Self, GlobalIdError> {
        let error = || GlobalIdError { text: text.to_owned(), expected: K::NAME };
        let (class, _) = split(text).ok_or_else(error)?;
        match K::NAME {
            // Names in the schema lack the `::` of the class.
            Some(name) if !class.split("::").flat_map(str::chars).eq(name.chars()) => Err(error()),
            _ => Ok(GlobalId::raw(text)),
        }
    }
}

impl<K: Model> GlobalId<K> {
    /// The id of the model with this number.
    pub fn of(number: i64) -> Self {
        GlobalId::raw(format!("gid://gitlab/{}/{number}", K::CLASS))
    }
}

impl<K: Model> From<i64> for GlobalId<K> {
    fn from(number: i64) -> Self {
        GlobalId::of(number)
    }
}

impl<K: Model> From<GlobalId<K>> for GlobalId<Any> {
    fn from(id: GlobalId<K>) -> Self {
        id.any()
    }
}

impl<K: IdKind> FromStr for GlobalId<K> {
    type Err = GlobalIdError;
    fn from_str(text: &str) -> Result<Self, GlobalIdError> {
        GlobalId::parse(text)
    }
}

impl<K: IdKind> TryFrom<&str> for GlobalId<K> {
    type Error = GlobalIdError;
    fn try_from(text: &str) -> Result<Self, GlobalIdError> {
        GlobalId::parse(text)
    }
}

// Derives would require the same traits of the kind, which is never a value.
impl<K> Clone for GlobalId<K> {
    fn clone(&self) -> Self {
        GlobalId::raw(self.text.clone())
    }
}

impl<K> PartialEq for GlobalId<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K> Eq for GlobalId<K> {}

impl<K> PartialOrd for GlobalId<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for GlobalId<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<K> Hash for GlobalId<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K> fmt::Debug for GlobalId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> fmt::Display for GlobalId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> Serialize for GlobalId<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<K> IntoArg for GlobalId<K> {
    fn into_arg(self) -> Arg {
        Arg::Text(self.text.into())
    }
}

impl<K> From<GlobalId<K>> for Nullable<GlobalId<K>> {
    fn from(id: GlobalId<K>) -> Self {
        Nullable::Value(id)
    }
}

impl<K: Model> From<i64> for Nullable<GlobalId<K>> {
    fn from(number: i64) -> Self {
        Nullable::Value(GlobalId::of(number))
    }
}

/// A [`GlobalId`] from text that GitLab sent.
struct Sent<K>(GlobalId<K>);

impl<K> From<&str> for Sent<K> {
    fn from(text: &str) -> Self {
        Sent(GlobalId::raw(text))
    }
}

impl<K> From<String> for Sent<K> {
    fn from(text: String) -> Self {
        Sent(GlobalId::raw(text))
    }
}

impl<K: 'static> Decode for GlobalId<K> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode_option(deserializer)?.ok_or_else(|| D::Error::custom("expected a global id, found null"))
    }

    fn decode_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(decode::text::<Sent<K>, D>(deserializer)?.map(|sent| sent.0))
    }
}

impl<'de, K: 'static> Deserialize<'de> for GlobalId<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id_kinds;

    id_kinds! {
        Pipeline = "CiPipeline", "Ci::Pipeline";
        Noteable;
    }

    #[test]
    fn ids_from_the_caller_are_checked() {
        let id = GlobalId::<Pipeline>::parse("gid://gitlab/Ci::Pipeline/42").unwrap();
        assert_eq!((id.number(), id.class()), (Some(42), Some("Ci::Pipeline")));
        assert_eq!(id, GlobalId::of(42));
        for wrong in
            ["gid://gitlab/Ci::Build/42", "42", "gid://gitlab/Ci::Pipeline/", "gid://gitlab/Ci::Pipeline/1/2", ""]
        {
            assert!(GlobalId::<Pipeline>::parse(wrong).is_err(), "{wrong}");
        }
        let error = GlobalId::<Pipeline>::parse("gid://gitlab/Project/1").unwrap_err();
        assert_eq!(error.to_string(), "`gid://gitlab/Project/1` is not the global id of a CiPipeline");
        assert!(GlobalId::<Any>::parse("gid://gitlab/Project/1").is_ok());
        assert!(GlobalId::<Noteable>::parse("gid://gitlab/Issue/1").is_ok());
    }

    #[test]
    fn ids_from_gitlab_are_kept() {
        for (json, text, number) in [
            ("\"gid://gitlab/Ci::Build/42\"", "gid://gitlab/Ci::Build/42", Some(42)),
            ("42", "42", Some(42)),
            ("\"gid://gitlab/GlRepository/project-1\"", "gid://gitlab/GlRepository/project-1", None),
        ] {
            let id: GlobalId<Pipeline> = decode::from_slice(json.as_bytes()).unwrap();
            assert_eq!((id.as_str(), id.number()), (text, number));
        }
    }
}
