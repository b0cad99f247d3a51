//! Reads documents of operations and fragments: the executable half of the GraphQL language.

use crate::ast::{Argument, Directive, Executable, Field, Fragment, Inline, Operation, Position, Selection, Spread};
use crate::ast::{Value, VariableDefinition};
use crate::problem::Invalid;
use glabflow_contract::graphql::Kind;
use std::iter::Peekable;
use std::str::Chars;

/// How deep selections, values and types may nest, here and in what is built; GitLab allows 20.
pub(crate) const DEEPEST: usize = 100;

/// Reads a document.
pub(crate) fn document(text: &str) -> Result<Executable, Invalid> {
    let mut parser = Parser::new(text)?;
    let mut document = Executable::default();
    while parser.token != Token::End {
        match &parser.token {
            Token::Name(name) if name == "fragment" => document.fragments.push(parser.fragment()?),
            _ => document.operations.push(parser.operation()?),
        }
    }
    Ok(document)
}

/// A type's text without spaces; none when the text is not a type.
pub(crate) fn type_text(text: &str) -> Option<String> {
    let mut parser = Parser::new(text).ok()?;
    let ty = parser.ty().ok()?;
    (parser.token == Token::End).then_some(ty)
}

/// Whether the text can name something.
pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

fn starts_name(char: char) -> bool {
    char == '_' || char.is_ascii_alphabetic()
}

fn continues_name(char: char) -> bool {
    char == '_' || char.is_ascii_alphanumeric()
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    End,
    Sign(char),
    /// `...`
    Spread,
    Name(String),
    Int(i64),
    Float(f64),
    String(String),
}

impl Token {
    fn describe(&self) -> String {
        match self {
            Token::End => "the end of the document".to_owned(),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Spread => "`...`".to_owned(),
            Token::Name(name) => format!("`{name}`"),
            Token::Int(number) => format!("`{number}`"),
            Token::Float(number) => format!("`{number}`"),
            Token::String(_) => "a string".to_owned(),
        }
    }
}

struct Parser<'a> {
    chars: Peekable<Chars<'a>>,
    /// Where the next character is.
    here: Position,
    token: Token,
    /// Where the token starts.
    at: Position,
    depth: usize,
}

type Parsed<T> = Result<T, Invalid>;

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parsed<Self> {
        let start = Position { line: 1, column: 1 };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parser = Parser { chars: text.chars().peekable(), here: start, token: Token::End, at: start, depth: 0 };
        parser.advance()?;
        Ok(parser)
    }

    fn refuse<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(Invalid::one(message, Some(self.at)))
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        self.refuse(format!("expected {what}, found {}", self.token.describe()))
    }

    // Characters

    fn bump(&mut self) -> Option<char> {
        let char = self.chars.next()?;
        let is_break = char == '\n' || (char == '\r' && self.chars.peek() != Some(&'\n'));
        if is_break {
            self.here = Position { line: self.here.line + 1, column: 1 };
        } else {
            self.here.column += 1;
        }
        Some(char)
    }

    fn eat_char(&mut self, wanted: char) -> bool {
        let found = self.chars.peek() == Some(&wanted);
        if found {
            self.bump();
        }
        found
    }

    fn take_while(&mut self, out: &mut String, accepts: impl Fn(char) -> bool) {
        while let Some(char) = self.chars.peek().copied().filter(|char| accepts(*char)) {
            out.push(char);
            self.bump();
        }
    }

    // Tokens

    /// Goes on to the next token and gives the one before.
    fn advance(&mut self) -> Parsed<Token> {
        loop {
            match self.chars.peek() {
                Some(' ' | '\t' | '\n' | '\r' | ',' | '\u{feff}') => {
                    self.bump();
                }
                Some('#') => {
                    while self.chars.peek().is_some_and(|char| !matches!(char, '\n' | '\r')) {
                        self.bump();
                    }
                }
                _ => break,
            }
        }
        self.at = self.here;
        let next = match self.chars.peek().copied() {
            None => Token::End,
            Some(sign @ ('!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}')) => {
                self.bump();
                Token::Sign(sign)
            }
            Some('.') => {
                for _ in 0..3 {
                    if !self.eat_char('.') {
                        return self.refuse("expected `...`");
                    }
                }
                Token::Spread
            }
            Some('"') => self.string()?,
            Some(char) if starts_name(char) => {
                let mut name = String::new();
                self.take_while(&mut name, continues_name);
                Token::Name(name)
            }
            Some(char) if char == '-' || char.is_ascii_digit() => self.number()?,
            Some(other) => return self.refuse(format!("unexpected character `{}`", other.escape_default())),
        };
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn number(&mut self) -> Parsed<Token> {
        let mut text = String::new();
        let digits = |char: char| char.is_ascii_digit();
        if self.eat_char('-') {
            text.push('-');
        }
        self.take_while(&mut text, digits);
        let whole = text.trim_start_matches('-');
        let mut is_valid = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
        let mut is_whole = true;
        if self.eat_char('.') {
            is_whole = false;
            text.push('.');
            self.take_while(&mut text, digits);
            is_valid &= !text.ends_with('.');
        }
        if self.chars.peek().is_some_and(|char| matches!(char, 'e' | 'E')) {
            is_whole = false;
            self.bump();
            text.push('e');
            if let Some(sign) = self.chars.peek().copied().filter(|char| matches!(char, '+' | '-')) {
                self.bump();
                text.push(sign);
            }
            self.take_while(&mut text, digits);
            is_valid &= text.ends_with(digits);
        }
        is_valid &= !self.chars.peek().is_some_and(|char| continues_name(*char) || *char == '.');
        if !is_valid {
            return self.refuse(format!("`{text}` is not a number"));
        }
        match (is_whole, text.parse(), text.parse::<f64>()) {
            (true, Ok(number), _) => Ok(Token::Int(number)),
            (false, _, Ok(number)) if number.is_finite() => Ok(Token::Float(number)),
            _ => self.refuse(format!("{text} is too large a number")),
        }
    }

    fn string(&mut self) -> Parsed<Token> {
        self.bump();
        if self.eat_char('"') {
            return if self.eat_char('"') { self.block_string() } else { Ok(Token::String(String::new())) };
        }
        let mut text = String::new();
        loop {
            match self.bump() {
                None | Some('\n' | '\r') => return self.refuse("the string has no end"),
                Some('"') => return Ok(Token::String(text)),
                Some('\\') => {
                    let char = self.escape()?;
                    text.push(char);
                }
                Some(char) => text.push(char),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        Ok(match self.bump() {
            Some(char @ ('"' | '\\' | '/')) => char,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode(),
            _ => return self.refuse("the string holds an unknown escape"),
        })
    }

    /// What follows `\u`: four digits, a pair of surrogates, or any number of digits in braces.
    fn unicode(&mut self) -> Parsed<char> {
        let mut digits = String::new();
        if self.eat_char('{') {
            self.take_while(&mut digits, |char| char.is_ascii_hexdigit());
            if !self.eat_char('}') {
                return self.refuse("the string holds an unknown escape");
            }
        } else {
            self.four_digits(&mut digits);
        }
        let mut code = u32::from_str_radix(&digits, 16).unwrap_or(u32::MAX);
        if (0xd800..0xdc00).contains(&code) && self.eat_char('\\') && self.eat_char('u') {
            digits.clear();
            self.four_digits(&mut digits);
            code = match u32::from_str_radix(&digits, 16) {
                Ok(low @ 0xdc00..0xe000) => 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00),
                _ => u32::MAX,
            };
        }
        match char::from_u32(code) {
            Some(char) => Ok(char),
            None => self.refuse("the string holds an unknown escape"),
        }
    }

    fn four_digits(&mut self, out: &mut String) {
        for _ in 0..4 {
            if let Some(char) = self.chars.peek().copied().filter(char::is_ascii_hexdigit) {
                self.bump();
                out.push(char);
            } else {
                // Fewer than four digits are no escape.
                out.push('-');
            }
        }
    }

    fn block_string(&mut self) -> Parsed<Token> {
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return self.refuse("the string has no end"),
                Some('"') if text.ends_with("\\\"\"") => {
                    text.truncate(text.len() - 3);
                    text.push_str("\"\"\"");
                }
                Some('"') if text.ends_with("\"\"") && !text.ends_with("\"\"\"") => {
                    text.truncate(text.len() - 2);
                    return Ok(Token::String(unindented(&text)));
                }
                Some(char) => text.push(char),
            }
        }
    }

    // Grammar

    fn sign(&mut self, sign: char) -> Parsed<()> {
        if self.eat(sign)? { Ok(()) } else { self.expected(&format!("`{sign}`")) }
    }

    fn eat(&mut self, sign: char) -> Parsed<bool> {
        let found = self.token == Token::Sign(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn eat_name(&mut self) -> Parsed<Option<String>> {
        match &self.token {
            Token::Name(_) => match self.advance()? {
                Token::Name(name) => Ok(Some(name)),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn name(&mut self, what: &str) -> Parsed<String> {
        match self.eat_name()? {
            Some(name) => Ok(name),
            None => self.expected(what),
        }
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEEPEST {
            return self.refuse(format!("nests deeper than {DEEPEST} levels"));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Things between two signs, at least one.
    fn many<T>(&mut self, what: &str, open: char, close: char, one: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.sign(open)?;
        let mut all = Vec::new();
        while !self.eat(close)? {
            all.push(one(self)?);
        }
        if all.is_empty() { self.refuse(format!("expected {what} between `{open}` and `{close}`")) } else { Ok(all) }
    }

    fn operation(&mut self) -> Parsed<Operation> {
        let at = Some(self.at);
        if self.token == Token::Sign('{') {
            let selections = self.selections()?;
            return Ok(Operation {
                kind: Kind::Query,
                name: None,
                variables: Vec::new(),
                directives: Vec::new(),
                selections,
                at,
            });
        }
        let kinds = [Kind::Query, Kind::Mutation, Kind::Subscription];
        let kind = kinds.into_iter().find(|kind| matches!(&self.token, Token::Name(name) if name == kind.as_str()));
        let Some(kind) = kind else {
            return self.expected("`query`, `mutation`, `subscription`, `fragment` or `{`");
        };
        self.advance()?;
        let name = self.eat_name()?;
        let variables = match self.token {
            Token::Sign('(') => self.many("variables", '(', ')', Self::variable)?,
            _ => Vec::new(),
        };
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        Ok(Operation { kind, name, variables, directives, selections, at })
    }

    fn fragment(&mut self) -> Parsed<Fragment> {
        let at = Some(self.at);
        self.advance()?;
        if matches!(&self.token, Token::Name(name) if name == "on") {
            return self.refuse("a fragment cannot be called `on`");
        }
        let name = self.name("the fragment's name")?;
        if self.eat_name()?.as_deref() != Some("on") {
            return self.expected("`on`");
        }
        let on = self.name("a type's name")?;
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        Ok(Fragment { name, on, directives, selections, at })
    }

    fn variable(&mut self) -> Parsed<VariableDefinition> {
        let at = Some(self.at);
        self.sign('$')?;
        let name = self.name("the variable's name")?;
        self.sign(':')?;
        let ty = self.ty()?;
        let default = if self.eat('=')? { Some(self.value(true)?) } else { None };
        let directives = self.directives(true)?;
        Ok(VariableDefinition { name, ty, default, directives, at })
    }

    fn ty(&mut self) -> Parsed<String> {
        let mut text = if self.eat('[')? {
            let item = self.nested(Self::ty)?;
            self.sign(']')?;
            format!("[{item}]")
        } else {
            self.name("a type")?
        };
        if self.eat('!')? {
            text.push('!');
        }
        Ok(text)
    }

    fn selections(&mut self) -> Parsed<Vec<Selection>> {
        self.nested(|parser| parser.many("fields", '{', '}', Self::selection))
    }

    fn selection(&mut self) -> Parsed<Selection> {
        let at = Some(self.at);
        if self.token == Token::Spread {
            self.advance()?;
            let name = self.eat_name()?;
            if let Some(fragment) = name.as_ref().filter(|name| *name != "on").cloned() {
                return Ok(Selection::Spread(Spread { fragment, directives: self.directives(false)?, at }));
            }
            let on = if name.is_some() { Some(self.name("a type's name")?) } else { None };
            let directives = self.directives(false)?;
            let selections = self.selections()?;
            return Ok(Selection::Inline(Inline { on, directives, selections, at }));
        }
        let mut name = self.name("a field")?;
        let mut alias = None;
        if self.eat(':')? {
            alias = Some(std::mem::replace(&mut name, self.name("a field")?));
        }
        let arguments = self.arguments(false)?;
        let directives = self.directives(false)?;
        let selections = if self.token == Token::Sign('{') { self.selections()? } else { Vec::new() };
        Ok(Selection::Field(Field { alias, name, arguments, directives, selections, at }))
    }

    fn arguments(&mut self, constant: bool) -> Parsed<Vec<Argument>> {
        if self.token != Token::Sign('(') {
            return Ok(Vec::new());
        }
        self.many("arguments", '(', ')', |parser| {
            let at = Some(parser.at);
            let name = parser.name("an argument")?;
            parser.sign(':')?;
            Ok(Argument { name, value: parser.value(constant)?, at })
        })
    }

    fn directives(&mut self, constant: bool) -> Parsed<Vec<Directive>> {
        let mut directives = Vec::new();
        while self.token == Token::Sign('@') {
            let at = Some(self.at);
            self.advance()?;
            let name = self.name("a directive")?;
            directives.push(Directive { name, arguments: self.arguments(constant)?, at });
        }
        Ok(directives)
    }

    fn value(&mut self, constant: bool) -> Parsed<Value> {
        match &self.token {
            Token::Sign('$') if constant => self.refuse("a variable cannot stand here"),
            Token::Sign('$') => {
                self.advance()?;
                Ok(Value::Variable(self.name("the variable's name")?))
            }
            Token::Sign('[') => {
                self.advance()?;
                let mut values = Vec::new();
                while !self.eat(']')? {
                    values.push(self.nested(|parser| parser.value(constant))?);
                }
                Ok(Value::List(values))
            }
            Token::Sign('{') => {
                self.advance()?;
                let mut fields = Vec::new();
                while !self.eat('}')? {
                    let name = self.name("a field of an input object")?;
                    self.sign(':')?;
                    fields.push((name, self.nested(|parser| parser.value(constant))?));
                }
                Ok(Value::Object(fields))
            }
            Token::Int(_) | Token::Float(_) | Token::String(_) | Token::Name(_) => Ok(match self.advance()? {
                Token::Int(number) => Value::Int(number),
                Token::Float(number) => Value::Float(number),
                Token::String(text) => Value::String(text),
                Token::Name(name) => match name.as_str() {
                    "true" => Value::Boolean(true),
                    "false" => Value::Boolean(false),
                    "null" => Value::Null,
                    _ => Value::Enum(name),
                },
                other => return self.refuse(format!("expected a value, found {}", other.describe())),
            }),
            _ => self.expected("a value"),
        }
    }
}

/// A block string without the indentation that its lines share, and without empty lines around it.
fn unindented(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let is_blank = |line: &str| line.trim_matches([' ', '\t']).is_empty();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let shared = lines.iter().skip(1).filter(|line| !is_blank(line)).map(|line| indent(line)).min().unwrap_or(0);
    let cut = |(index, line): (usize, &&'_ str)| match index {
        0 => (*line).to_owned(),
        _ => line.get(shared..).unwrap_or_default().to_owned(),
    };
    let lines: Vec<String> = lines.iter().enumerate().map(cut).collect();
    let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !is_blank(line)).map_or(first, |last| last + 1);
    lines[first..last].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print;
    use proptest::prelude::*;

    fn error(text: &str) -> String {
        document(text).expect_err(text).to_string()
    }

    #[test]
    fn parsed_documents_are_printed_unchanged() {
        let text = r#"query Q($a: [ID!]! = ["x"], $b: Int) @d {
  a: project(fullPath: $a, n: -1, x: {k: [1.5, null, true, OPEN]}) @include(if: $b) {
    id
    ...F @skip(if: false)
    ... on T {
      s(text: "tab\t\"q\" é")
    }
    ... @include(if: true) {
      x
    }
  }
}

fragment F on Project {
  id
}
"#;
        let read = document(text).expect("valid");
        assert_eq!(print::document(&read), text);
    }

    #[test]
    fn errors_have_positions() {
        assert_eq!(error("query {\n  project(fullPath: ) { id }\n}"), "2:21: expected a value, found `)`");
        assert_eq!(error("{ a"), "1:4: expected a field, found the end of the document");
        assert_eq!(error("{ }"), "1:4: expected fields between `{` and `}`");
        assert_eq!(
            error("type A { b: C }"),
            "1:1: expected `query`, `mutation`, `subscription`, `fragment` or `{`, found `type`"
        );
        assert_eq!(error("{ a(b: 01) }"), "1:8: `01` is not a number");
        assert_eq!(error("{ a(b: \"x) }"), "1:8: the string has no end");
        assert_eq!(error("query($a: Int = $b) { a }"), "1:17: a variable cannot stand here");
        assert!(error(&"{a".repeat(5000)).contains("deeper than"));
        assert!(error(&format!("{{a(b: {}", "[".repeat(5000))).contains("deeper than"));
    }

    #[test]
    fn strings_are_unescaped() {
        let value =
            |text: &str| match &document(&format!("{{ a(b: {text}) }}")).expect(text).operations[0].selections[0] {
                Selection::Field(field) => field.arguments[0].value.clone(),
                _ => unreachable!("a field was written"),
            };
        assert_eq!(value("\"\""), Value::from(""));
        assert_eq!(value(r#""\u00e9\u{1F600}\uD83D\uDE00\n""#), Value::from("é😀😀\n"));
        assert_eq!(value("\"\"\"\n    one\n      two \\\"\"\"\n  \"\"\""), Value::from("one\n  two \"\"\""));
        assert_eq!(value("1e3"), Value::Float(1000.0));
        assert!(document(r#"{ a(b: "\uD83D") }"#).is_err());
        assert!(document(r#"{ a(b: "\u12") }"#).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_text_does_not_panic(text in "[ -~\n\u{e9}]{0,200}") {
            let _ = document(&text);
        }

        #[test]
        fn arbitrary_tokens_do_not_panic(
            tokens in proptest::collection::vec(
                prop::sample::select(vec!["{", "}", "(", ")", "$", ":", "a", "on", "...", "@", "[", "]", "\"x\"", "1", "query", "!", "="]),
                0..40,
            )
        ) {
            let _ = document(&tokens.join(" "));
        }

        #[test]
        fn arbitrary_strings_round_trip(text in any::<String>()) {
            let written = format!("{{ a(b: {}) }}", print::Literal(&Value::from(text.as_str())));
            let read = document(&written).expect("a printed value");
            let Selection::Field(field) = &read.operations[0].selections[0] else { panic!("a field was written") };
            prop_assert_eq!(&field.arguments[0].value, &Value::from(text));
        }
    }
}
