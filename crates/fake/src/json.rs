//! Writes JSON directly into a buffer, so that lists of thousands of objects need no trees.

use std::fmt::{self, Write as _};

/// A value that writes itself as JSON.
pub(crate) trait Json {
    /// Appends the value.
    fn write(&self, out: &mut Vec<u8>);
}

/// Text that already is JSON.
pub(crate) struct Raw<'a>(pub(crate) &'a str);

impl Json for Raw<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }
}

/// A nested value that a function writes.
pub(crate) struct With<F>(pub(crate) F);

impl<F: Fn(&mut Vec<u8>)> Json for With<F> {
    fn write(&self, out: &mut Vec<u8>) {
        (self.0)(out);
    }
}

/// A list.
pub(crate) struct Each<I>(pub(crate) I);

impl<I: Clone + IntoIterator<Item: Json>> Json for Each<I> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (position, item) in self.0.clone().into_iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            item.write(out);
        }
        out.push(b']');
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl Json for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Json for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        digits(*self, out);
    }
}

impl Json for &str {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        escape(self, out);
        out.push(b'"');
    }
}

impl Json for String {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_str().write(out);
    }
}

/// Formatted text, escaped while it is written.
impl Json for fmt::Arguments<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        struct Escaped<'a>(&'a mut Vec<u8>);
        impl fmt::Write for Escaped<'_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                escape(text, self.0);
                Ok(())
            }
        }
        out.push(b'"');
        // Writing to memory does not fail.
        let _ = Escaped(out).write_fmt(*self);
        out.push(b'"');
    }
}

/// Appends a number in decimal.
pub(crate) fn digits(mut number: u64, out: &mut Vec<u8>) {
    let mut buffer = [0_u8; 20];
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&buffer[at..]);
}

fn escape(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (position, byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\t' => b't',
            b'\r' => b'r',
            0..0x20 => 0,
            _ => continue,
        };
        out.extend_from_slice(&bytes[start..position]);
        if short == 0 {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            out.extend_from_slice(&[b'\\', short]);
        }
        start = position + 1;
    }
    out.extend_from_slice(&bytes[start..]);
}

/// Writes an object: `object!(out; "id": 1, "name": name)`.
macro_rules! object {
    ($out:expr; $first:literal : $value:expr $(, $name:literal : $other:expr)* $(,)?) => {{
        let out: &mut Vec<u8> = $out;
        out.extend_from_slice(concat!("{\"", $first, "\":").as_bytes());
        $crate::json::Json::write(&$value, out);
        $(
            out.extend_from_slice(concat!(",\"", $name, "\":").as_bytes());
            $crate::json::Json::write(&$other, out);
        )*
        out.push(b'}');
    }};
}
pub(crate) use object;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    proptest! {
        #[test]
        fn arbitrary_text_round_trips(text in any::<String>(), number in any::<u64>()) {
            let mut out = Vec::new();
            object!(&mut out; "text": text.as_str(), "same": format_args!("{text}"), "number": number);
            let value: Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(&value["text"], &Value::from(text.as_str()));
            prop_assert_eq!(&value["same"], &Value::from(text.as_str()));
            prop_assert_eq!(&value["number"], &Value::from(number));
        }
    }

    #[test]
    fn lists_and_null_are_written() {
        let mut out = Vec::new();
        object!(&mut out; "list": Each(["a", "b"]), "none": None::<bool>, "raw": Raw("{\"x\":1}"), "yes": true);
        assert_eq!(out, br#"{"list":["a","b"],"none":null,"raw":{"x":1},"yes":true}"#);
    }
}
