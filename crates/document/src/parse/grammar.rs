//! The grammar: tokens become a tree.

use super::lexer::{Lexer, Token};
use crate::ast::VariableDefinition;
use crate::ast::{Argument, Directive, Executable, Field, Fragment, Inline, Operation, Position, Selection, Spread};
use crate::problem::Invalid;
use crate::value::Value;
use glabflow_contract::graphql::Kind;

/// How deep selections, values and types may nest, in texts and in what is built: the code that reads them is recursive. GitLab
/// allows 20 levels of fields.
pub(crate) const DEEPEST: usize = 100;

/// Parses a document. The text is not checked against the schema.
///
/// # Errors
/// If it is not a GraphQL document.
pub fn parse_document(text: &str) -> Result<Executable, Invalid> {
    let mut parser = Parser::new(text)?;
    let mut document = Executable::default();
    while parser.token != Token::End {
        match parser.token {
            Token::Name("fragment") => document.fragments.push(parser.fragment()?),
            _ => document.operations.push(parser.operation()?),
        }
    }
    Ok(document)
}

/// Parses selections without the braces around them: `id name namespace { id }`.
///
/// # Errors
/// If the text is not a list of fields and fragments.
pub fn parse_selections(text: &str) -> Result<Vec<Selection>, Invalid> {
    let mut parser = Parser::new(text)?;
    let mut selections = vec![parser.selection()?];
    while parser.token != Token::End {
        selections.push(parser.selection()?);
    }
    Ok(selections)
}

/// A type's text without spaces; `None` if the text is not a type.
#[cfg(feature = "schema")]
pub(crate) fn type_text(text: &str) -> Option<String> {
    let mut parser = Parser::new(text).ok()?;
    let ty = parser.ty().ok()?;
    (parser.token == Token::End).then_some(ty)
}

type Parsed<T> = Result<T, Invalid>;

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The next token.
    token: Token<'a>,
    /// Where it starts.
    at: Position,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parsed<Self> {
        let mut lexer = Lexer::new(text);
        let (token, at) = lexer.next()?;
        Ok(Parser { lexer, token, at, depth: 0 })
    }

    fn reject<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(Invalid::one(message, Some(self.at)))
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        self.reject(format!("expected {what}, found {}", self.token.describe()))
    }

    /// Takes the next token.
    fn advance(&mut self) -> Parsed<Token<'a>> {
        let (next, at) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, next))
    }

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

    fn eat_name(&mut self) -> Parsed<Option<&'a str>> {
        let Token::Name(name) = self.token else { return Ok(None) };
        self.advance()?;
        Ok(Some(name))
    }

    fn name(&mut self, what: &str) -> Parsed<&'a str> {
        match self.eat_name()? {
            Some(name) => Ok(name),
            None => self.expected(what),
        }
    }

    /// Reads what may hold more of its kind.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEEPEST {
            return self.reject(format!("nests deeper than {DEEPEST} levels"));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// A list between two signs, with at least one item.
    fn many<T>(&mut self, what: &str, open: char, close: char, one: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.sign(open)?;
        let mut all = Vec::new();
        while !self.eat(close)? {
            all.push(one(self)?);
        }
        if all.is_empty() { self.reject(format!("expected {what} between `{open}` and `{close}`")) } else { Ok(all) }
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
        let kind = match self.token {
            Token::Name("query") => Kind::Query,
            Token::Name("mutation") => Kind::Mutation,
            Token::Name("subscription") => Kind::Subscription,
            _ => return self.expected("`query`, `mutation`, `subscription`, `fragment` or `{`"),
        };
        self.advance()?;
        let name = self.eat_name()?.map(str::to_owned);
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
        if self.token == Token::Name("on") {
            return self.reject("a fragment cannot be called `on`");
        }
        let name = self.name("the fragment's name")?.to_owned();
        if self.token != Token::Name("on") {
            return self.expected("`on`");
        }
        self.advance()?;
        let on = self.name("a type's name")?.to_owned();
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        Ok(Fragment { name, on, directives, selections, at })
    }

    fn variable(&mut self) -> Parsed<VariableDefinition> {
        let at = Some(self.at);
        self.sign('$')?;
        let name = self.name("the variable's name")?.to_owned();
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
            self.name("a type")?.to_owned()
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
        if self.token == Token::Spread {
            return self.spread();
        }
        let at = Some(self.at);
        let mut name = self.name("a field")?;
        let mut alias = None;
        if self.eat(':')? {
            alias = Some(name.to_owned());
            name = self.name("a field")?;
        }
        let name = name.to_owned();
        let arguments = self.arguments(false)?;
        let directives = self.directives(false)?;
        let selections = if self.token == Token::Sign('{') { self.selections()? } else { Vec::new() };
        Ok(Selection::Field(Field { alias, name, arguments, directives, selections, at }))
    }

    fn spread(&mut self) -> Parsed<Selection> {
        let at = Some(self.at);
        self.advance()?;
        let on = match self.eat_name()? {
            Some("on") => Some(self.name("a type's name")?.to_owned()),
            Some(fragment) => {
                let fragment = fragment.to_owned();
                return Ok(Selection::Spread(Spread { fragment, directives: self.directives(false)?, at }));
            }
            None => None,
        };
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        Ok(Selection::Inline(Inline { on, directives, selections, at }))
    }

    fn arguments(&mut self, constant: bool) -> Parsed<Vec<Argument>> {
        if self.token != Token::Sign('(') {
            return Ok(Vec::new());
        }
        self.many("arguments", '(', ')', |parser| {
            let at = Some(parser.at);
            let name = parser.name("an argument")?.to_owned();
            parser.sign(':')?;
            Ok(Argument { name, value: parser.value(constant)?, at })
        })
    }

    fn directives(&mut self, constant: bool) -> Parsed<Vec<Directive>> {
        let mut directives = Vec::new();
        while self.token == Token::Sign('@') {
            let at = Some(self.at);
            self.advance()?;
            let name = self.name("a directive")?.to_owned();
            directives.push(Directive { name, arguments: self.arguments(constant)?, at });
        }
        Ok(directives)
    }

    /// A value; a constant is one without variables.
    fn value(&mut self, constant: bool) -> Parsed<Value> {
        match self.token {
            Token::Sign('$') if constant => return self.reject("a variable is not allowed here"),
            Token::Sign('$' | '[' | '{') | Token::Int(_) | Token::Float(_) | Token::String(_) | Token::Name(_) => {}
            Token::End | Token::Sign(_) | Token::Spread => return self.expected("a value"),
        }
        Ok(match self.advance()? {
            Token::Int(number) => Value::Int(number),
            Token::Float(number) => Value::Float(number),
            Token::String(text) => Value::String(text.into_owned()),
            Token::Name("true") => Value::Boolean(true),
            Token::Name("false") => Value::Boolean(false),
            Token::Name("null") => Value::Null,
            Token::Name(name) => Value::Enum(name.to_owned()),
            Token::Sign('[') => self.list(constant)?,
            Token::Sign('{') => self.object(constant)?,
            Token::Sign(_) | Token::Spread | Token::End => {
                Value::Variable(self.name("the variable's name")?.to_owned())
            }
        })
    }

    /// The rest of a list, after `[`.
    fn list(&mut self, constant: bool) -> Parsed<Value> {
        let mut values = Vec::new();
        while !self.eat(']')? {
            values.push(self.nested(|parser| parser.value(constant))?);
        }
        Ok(Value::List(values))
    }

    /// The rest of an object, after `{`.
    fn object(&mut self, constant: bool) -> Parsed<Value> {
        let mut fields = Vec::new();
        while !self.eat('}')? {
            let name = self.name("a field of an input object")?.to_owned();
            self.sign(':')?;
            fields.push((name, self.nested(|parser| parser.value(constant))?));
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print;
    use proptest::prelude::*;

    fn error(text: &str) -> String {
        parse_document(text).expect_err(text).to_string()
    }

    #[test]
    fn printed_documents_are_parsed_back() {
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
        assert_eq!(parse_document(text).expect("valid").to_string(), text);
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
        assert_eq!(error("query($a: Int = $b) { a }"), "1:17: a variable is not allowed here");
    }

    #[test]
    fn deep_nesting_is_an_error() {
        for (start, part) in [
            ("", "{a"),
            ("{", "a{...on A{"),
            ("{", "...{"),
            ("{a(b: ", "["),
            ("{a(b: ", "{c: "),
            ("{a @b(c: ", "[{d: "),
            ("query($a: ", "["),
            ("query($a: A = ", "["),
            ("fragment A on B {", "a{"),
        ] {
            let error = error(&format!("{start}{}", part.repeat(50_000)));
            assert!(error.contains("nests deeper than 100 levels"), "{part}: {error}");
        }
        assert!(parse_selections(&"a{".repeat(50_000)).is_err());
        let deep = |levels: usize| format!("{}a{}", "{a".repeat(levels), "}".repeat(levels));
        assert!(parse_document(&deep(100)).is_ok());
        assert!(parse_document(&deep(101)).is_err());
    }

    #[test]
    fn values_are_parsed() {
        let value = |text: &str| match &parse_selections(&format!("a(b: {text})")).expect(text)[0] {
            Selection::Field(field) => field.arguments[0].value.clone(),
            _ => unreachable!("a field was written"),
        };
        assert_eq!(value("\"\""), Value::from(""));
        assert_eq!(value(r#""\u00e9\u{1F600}\uD83D\uDE00\n""#), Value::from("é😀😀\n"));
        assert_eq!(value("\"\"\"\n    one\n      two \\\"\"\"\n  \"\"\""), Value::from("one\n  two \"\"\""));
        assert_eq!(value("1e3"), Value::Float(1000.0));
        assert_eq!(value("$c"), Value::Variable("c".to_owned()));
        assert_eq!(value("[] "), Value::List(Vec::new()));
        for text in [r#"{ a(b: "\uD83D") }"#, r#"{ a(b: "\u12") }"#, "{ a(b: $) }", "{ a(b: ...) }"] {
            assert!(parse_document(text).is_err(), "{text}");
        }
    }

    #[test]
    fn selections_can_be_parsed_alone() {
        let read = |text: &str| parse_selections(text).map(|all| print::on_one_line(&all));
        assert_eq!(read("a\n  b: c { d # more\n }").as_deref(), Ok("a b: c { d }"));
        for text in ["", "a }", "a {", "{ a }", "a(b: 1", "1", "a:"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_rejected(text in "[ -~\n\u{e9}]{0,200}") {
            let _ = parse_document(&text);
        }

        #[test]
        fn any_tokens_are_parsed_or_rejected(
            tokens in proptest::collection::vec(
                prop::sample::select(vec!["{", "}", "(", ")", "$", ":", "a", "on", "...", "@", "[", "]", "\"x\"", "1", "query", "!", "="]),
                0..40,
            )
        ) {
            let _ = parse_document(&tokens.join(" "));
        }

        #[test]
        fn arbitrary_strings_round_trip(text in any::<String>()) {
            let written = format!("{{ a(b: {}) }}", print::Literal(&Value::from(text.as_str())));
            let read = parse_document(&written).expect("a printed value");
            let Selection::Field(field) = &read.operations[0].selections[0] else { panic!("a field was written") };
            prop_assert_eq!(&field.arguments[0].value, &Value::from(text));
        }
    }
}
