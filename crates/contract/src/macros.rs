//! Macros for generated code.

/// Adds `Display`, `FromStr`, conversions, serde and [`Decode`](crate::Decode) to an [`OpenEnum`](crate::OpenEnum).
#[macro_export]
macro_rules! open_enum {
    ($type:ident) => {
        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str($crate::OpenEnum::as_str(self))
            }
        }

        impl ::core::convert::From<&str> for $type {
            fn from(value: &str) -> Self {
                <$type as $crate::OpenEnum>::from_wire(value)
            }
        }

        impl ::core::convert::From<::std::string::String> for $type {
            fn from(value: ::std::string::String) -> Self {
                <$type as $crate::OpenEnum>::from_wire(&value)
            }
        }

        impl ::core::str::FromStr for $type {
            type Err = ::core::convert::Infallible;
            fn from_str(value: &str) -> ::core::result::Result<Self, Self::Err> {
                Ok(<$type as $crate::OpenEnum>::from_wire(value))
            }
        }

        impl $crate::IntoArg for $type {
            fn into_arg(self) -> $crate::Arg {
                $crate::Arg::Text(::std::string::ToString::to_string(&self))
            }
        }

        impl ::core::convert::From<$type> for $crate::Nullable<$type> {
            fn from(value: $type) -> Self {
                $crate::Nullable::Value(value)
            }
        }

        impl $crate::private::serde::Serialize for $type {
            fn serialize<S: $crate::private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::OpenEnum::as_str(self))
            }
        }

        impl<'de> $crate::private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <$type as $crate::Decode>::decode(deserializer)
            }
        }

        impl $crate::Decode for $type {
            fn decode<'de, D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let text = $crate::decode::text::<Self, D>(deserializer)?;
                text.ok_or_else(|| $crate::private::serde::de::Error::custom("expected text, found null"))
            }

            fn decode_option<'de, D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<::core::option::Option<Self>, D::Error> {
                $crate::decode::text::<Self, D>(deserializer)
            }
        }
    };
}

/// Adds `Display`, conversions, serde and [`Decode`](crate::Decode) to a struct around an `i64`. The struct is an open
/// enumeration of numbers whose known values are constants.
#[macro_export]
macro_rules! int_enum {
    ($type:ident) => {
        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::core::convert::From<i64> for $type {
            fn from(value: i64) -> Self {
                $type(value)
            }
        }

        impl ::core::convert::From<$type> for i64 {
            fn from(value: $type) -> Self {
                value.0
            }
        }

        impl $crate::IntoArg for $type {
            fn into_arg(self) -> $crate::Arg {
                $crate::Arg::Int(self.0)
            }
        }

        impl ::core::convert::From<$type> for $crate::Nullable<$type> {
            fn from(value: $type) -> Self {
                $crate::Nullable::Value(value)
            }
        }

        impl $crate::private::serde::Serialize for $type {
            fn serialize<S: $crate::private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.0)
            }
        }

        impl<'de> $crate::private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <$type as $crate::Decode>::decode(deserializer)
            }
        }

        impl $crate::Decode for $type {
            fn decode<'de, D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <i64 as $crate::Decode>::decode(deserializer).map($type)
            }

            fn decode_option<'de, D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<::core::option::Option<Self>, D::Error> {
                ::core::result::Result::Ok(<i64 as $crate::Decode>::decode_option(deserializer)?.map($type))
            }
        }
    };
}

/// Adds [`Decode`](crate::Decode) and serde's `Deserialize` to an [`Object`](crate::Object).
#[macro_export]
macro_rules! object {
    ($type:ident) => {
        impl $crate::decode::FieldOrder for $type {
            fn order() -> &'static [::core::sync::atomic::AtomicU16] {
                const SLOTS: usize = <$type as $crate::Object>::FIELDS.len() + 1;
                static ORDER: [::core::sync::atomic::AtomicU16; SLOTS] =
                    [const { ::core::sync::atomic::AtomicU16::new(u16::MAX) }; SLOTS];
                &ORDER
            }
        }

        impl $crate::Decode for $type {
            fn decode<'de, D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::decode::object(deserializer)
            }

            fn facts(&self) -> ::core::option::Option<$crate::ItemFacts<'_>> {
                $crate::Object::facts(self)
            }
        }

        impl<'de> $crate::private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::decode::object(deserializer)
            }
        }
    };
}

/// Adds [`IntoArg`](crate::IntoArg) to a generated input object.
#[macro_export]
macro_rules! input {
    ($type:ident) => {
        impl $crate::IntoArg for $type {
            fn into_arg(self) -> $crate::Arg {
                $crate::Arg::json(&self)
            }
        }

        impl ::core::convert::From<$type> for $crate::Nullable<$type> {
            fn from(value: $type) -> Self {
                $crate::Nullable::Value(value)
            }
        }
    };
}

/// Turns a generated struct around a [`Call`](crate::Call) into an operation with the methods that run it.
///
/// `one` is for a response that is decoded as a whole, `list` for a list that can be read page by page, `file` for a
/// response that is streamed as bytes.
#[macro_export]
macro_rules! operation {
    (@base $type:ident, $output:ty, $descriptor:expr) => {
        impl<C> $crate::Operation for $type<C> {
            type Output = $output;
            const DESCRIPTOR: &'static $crate::Descriptor = $descriptor;
            fn into_request(self) -> $crate::Request {
                self.0.into_request()
            }
        }
    };
    (one $type:ident => $output:ty, $descriptor:expr) => {
        $crate::operation!(@base $type, $output, $descriptor);

        impl<C: $crate::Caller> $type<C> {
            /// Sends the request and decodes the response.
            pub fn send(self) -> C::Response<$output> {
                self.0.send()
            }
        }
    };
    (list $type:ident => $item:ty, $descriptor:expr) => {
        $crate::operation!(@base $type, ::std::vec::Vec<$item>, $descriptor);

        impl<C: $crate::Caller> $type<C> {
            /// Sends the request and decodes one page of the list.
            pub fn send(self) -> C::Response<::std::vec::Vec<$item>> {
                self.0.send()
            }

            /// Reads the list page by page. Nothing is sent until the first page is requested.
            pub fn pages(self) -> C::Pages<$item> {
                self.0.pages()
            }

            /// Reads the list item by item through all pages. Nothing is sent until the first item is requested.
            pub fn items(self) -> C::Items<$item> {
                self.0.items()
            }
        }
    };
    (file $type:ident, $descriptor:expr) => {
        $crate::operation!(@base $type, $crate::File, $descriptor);

        impl<C: $crate::Caller> $type<C> {
            /// Sends the request and returns the response as a stream of bytes.
            pub fn send(self) -> C::Download {
                self.0.download()
            }
        }
    };
}
