//! Enumerations that GitLab may extend at any time.

/// An enumeration with a fallback for values which the schema does not know.
///
/// Implemented by the generated enums; [`open_enum!`](crate::open_enum!) adds `Display`, `FromStr`,
/// `From<&str>`, serde and [`Decode`](crate::Decode) on top of it.
pub trait OpenEnum: Sized {
    /// The known values as they travel on the wire.
    const VALUES: &'static [&'static str];

    /// The variant of a value, or the fallback with the value itself.
    fn from_wire(value: &str) -> Self;

    /// The value as it travels on the wire.
    fn as_str(&self) -> &str;
}
