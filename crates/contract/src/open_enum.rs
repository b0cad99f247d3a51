//! Enumerations that GitLab can extend at any time.

/// An enumeration with a fallback for values that the schema does not know.
///
/// The generated enums implement it. [`open_enum!`](crate::open_enum!) adds `Display`, `FromStr`, `From<&str>`, serde
/// and [`Decode`](crate::Decode).
pub trait OpenEnum: Sized {
    /// The known values as they are sent.
    const VALUES: &'static [&'static str];

    /// The variant of a value, or the fallback with the value itself.
    fn from_wire(value: &str) -> Self;

    /// The value as it is sent.
    fn as_str(&self) -> &str;
}
