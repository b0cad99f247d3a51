//! Masks the client's own token in the text of a server or proxy.

use crate::redact::MASK;
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::sync::Arc;

/// Minimum length of a token that is masked. A shorter text may be a part of any word.
const SHORTEST: usize = 8;

/// The token in each form in which a server may return it.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Arc<[Box<str>]>);

impl Secrets {
    pub(crate) fn new(token: &str) -> Self {
        if token.len() < SHORTEST {
            return Secrets::default();
        }
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let mut forms = vec![
            token.to_owned(),
            // In JSON.
            token.replace('\\', "\\\\").replace('"', "\\\""),
            token.replace('/', "\\/"),
            encoded(token, is_unreserved, false),
            encoded(token, is_unreserved, true),
            encoded(token, |byte| byte.is_ascii_alphanumeric(), false),
            encoded(token, |byte| byte.is_ascii_alphanumeric(), true),
        ];
        forms.sort_unstable();
        forms.dedup();
        Secrets(forms.into_iter().map(String::into_boxed_str).collect())
    }

    /// The text with the token masked. A part of the token at the start or end of the text is masked as well: the text may have been
    /// cut.
    pub(crate) fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for form in &*self.0 {
            if text.contains(&**form) {
                text = Cow::Owned(text.replace(&**form, MASK));
            }
        }
        for form in &*self.0 {
            if let Some(length) = shared(form, |length| text.ends_with(form.get(..length)?).then_some(())) {
                text = Cow::Owned(format!("{}{MASK}", &text[..text.len() - length]));
            }
            if let Some(length) =
                shared(form, |length| text.starts_with(form.get(form.len() - length..)?).then_some(()))
            {
                text = Cow::Owned(format!("{MASK}{}", &text[length..]));
            }
        }
        text
    }

    /// Masks the token in place.
    pub(crate) fn hide(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.mask(text) {
            *text = masked;
        }
    }
}

/// The length of the longest part of a form at one end of the text.
fn shared(form: &str, is_there: impl Fn(usize) -> Option<()>) -> Option<usize> {
    (SHORTEST..form.len()).rev().find(|length| is_there(*length).is_some())
}

/// The text percent-encoded, except for some bytes.
fn encoded(text: &str, is_kept: impl Fn(u8) -> bool, in_lower_case: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        // Writing to a `String` does not fail.
        let _ = match (is_kept(byte), in_lower_case) {
            (true, _) => out.write_char(char::from(byte)),
            (false, true) => write!(out, "%{byte:02x}"),
            (false, false) => write!(out, "%{byte:02X}"),
        };
    }
    out
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_masked_in_every_form() {
        let secrets = Secrets::new("acme-a/b+c\"d=");
        for form in [
            "acme-a/b+c\"d=",
            "acme-a\\/b+c\"d=",
            "acme-a/b+c\\\"d=",
            "acme-a%2Fb%2Bc%22d%3D",
            "acme-a%2fb%2bc%22d%3d",
            "acme%2Da%2Fb%2Bc%22d%3D",
        ] {
            assert_eq!(secrets.mask(&format!("<{form}> and {form}")), "<[redacted]> and [redacted]", "{form}");
        }
        assert!(matches!(secrets.mask("acme is a word"), Cow::Borrowed(_)));
        assert!(!format!("{secrets:?}").contains("acme"));
    }

    #[test]
    fn a_part_of_a_token_is_masked_where_a_text_was_cut() {
        let secrets = Secrets::new("0123456789abcdef");
        assert_eq!(secrets.mask("token 0123456789"), "token [redacted]");
        assert_eq!(secrets.mask("6789abcdef token"), "[redacted] token");
        assert_eq!(secrets.mask("0123 token 0123"), "0123 token 0123");
    }

    #[test]
    fn a_short_token_is_not_masked() {
        assert_eq!(Secrets::new("a").mask("a b"), "a b");
        assert_eq!(Secrets::new("").mask("a b"), "a b");
    }
}
