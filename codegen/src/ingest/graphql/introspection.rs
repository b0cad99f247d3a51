//! Reading the answer to an introspection query.
//!
//! Members that the query did not ask for are told apart from members that are empty, so that another input can fill
//! them in.

use super::report::Missing;
use super::schema::{BUILT_IN, Composite, Directive, Field, InputValue, Kind, Marks, Schema, Type, TypeExpr};
use super::{docs, reason, sdl};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSchema {
    query_type: Option<Name>,
    mutation_type: Option<Name>,
    subscription_type: Option<Name>,
    types: Vec<RawType>,
    #[serde(default)]
    directives: Vec<RawDirective>,
}

#[derive(Deserialize)]
struct Name {
    #[serde(deserialize_with = "name")]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawType {
    kind: String,
    #[serde(deserialize_with = "name")]
    name: String,
    description: Option<String>,
    fields: Option<Vec<RawField>>,
    input_fields: Option<Vec<RawInput>>,
    interfaces: Option<Vec<Name>>,
    enum_values: Option<Vec<RawEnumValue>>,
    possible_types: Option<Vec<Name>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawField {
    #[serde(deserialize_with = "name")]
    name: String,
    description: Option<String>,
    #[serde(default)]
    args: Vec<RawInput>,
    #[serde(rename = "type")]
    ty: RawRef,
    is_deprecated: Option<bool>,
    deprecation_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawInput {
    #[serde(deserialize_with = "name")]
    name: String,
    description: Option<String>,
    #[serde(rename = "type")]
    ty: RawRef,
    /// `None` when the query did not ask, `Some(None)` when there is none.
    #[serde(default, deserialize_with = "asked")]
    default_value: Option<Option<String>>,
    is_deprecated: Option<bool>,
    deprecation_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEnumValue {
    #[serde(deserialize_with = "name")]
    name: String,
    description: Option<String>,
    is_deprecated: Option<bool>,
    deprecation_reason: Option<String>,
}

#[derive(Deserialize)]
struct RawDirective {
    #[serde(deserialize_with = "name")]
    name: String,
    #[serde(default)]
    locations: Vec<String>,
    #[serde(default)]
    args: Vec<RawInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRef {
    kind: String,
    #[serde(default, deserialize_with = "name_if_any")]
    name: Option<String>,
    of_type: Option<Box<RawRef>>,
}

fn asked<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// A name as the language allows it: everything else would be read as something else in SDL.
fn name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let continues = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
    let is_name = name.bytes().all(|byte| continues(&byte)) && !name.starts_with(|first: char| first.is_ascii_digit());
    if is_name && !name.is_empty() {
        Ok(name)
    } else {
        Err(serde::de::Error::custom(format!("{name:?} is not a name; names have letters, digits and `_`")))
    }
}

fn name_if_any<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Wrapped(#[serde(deserialize_with = "name")] String);
    Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|Wrapped(name)| name))
}

/// The schema in an answer, with or without its `data` wrapper, and what the query did not ask for.
///
/// # Errors
/// When the JSON is something else.
pub(super) fn parse(text: &str) -> Result<(Schema, Missing)> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            anyhow::anyhow!("the JSON ends early ({error}); the file looks truncated, fetch it again")
        } else {
            anyhow::anyhow!("not valid JSON: {error}")
        }
    })?;
    let found = value.pointer("/data/__schema").or_else(|| value.get("__schema"));
    let Some(found) = found else {
        if let Some(message) = value.pointer("/errors/0/message").and_then(Value::as_str) {
            bail!("this is the server's refusal, not a schema: {message}");
        }
        bail!("this JSON is not the answer to an introspection query: it has no `__schema`");
    };
    let raw = RawSchema::deserialize(found).context("the answer to the introspection query is incomplete")?;
    Reader::default().schema(raw)
}

/// Collects what is missing while reading.
#[derive(Default)]
struct Reader {
    missing: Missing,
}

impl Reader {
    fn schema(mut self, raw: RawSchema) -> Result<(Schema, Missing)> {
        let mut types = BTreeMap::new();
        for ty in raw.types {
            if ty.name.starts_with("__") || BUILT_IN.contains(&ty.name.as_str()) {
                continue;
            }
            let name = ty.name.clone();
            let ty = self.ty(ty).with_context(|| format!("type {name}"))?;
            types.insert(name, ty);
        }
        let query = raw.query_type.context("the answer names no query type")?.name;
        if !types.contains_key(&query) {
            bail!("the answer has no type {query}, which it calls its query type");
        }
        let subscription = raw.subscription_type.map(|name| name.name);
        let subscription = subscription.or_else(|| {
            // A reduced query often leaves the subscription type out.
            types.contains_key("Subscription").then(|| {
                self.missing.subscription_type = true;
                "Subscription".to_owned()
            })
        });
        let mut directives = BTreeMap::new();
        for directive in raw.directives {
            if matches!(directive.name.as_str(), "deprecated" | "include" | "oneOf" | "skip" | "specifiedBy") {
                continue;
            }
            let locations = directive.locations.into_iter().collect();
            directives.insert(directive.name, Directive { args: self.inputs(directive.args)?, locations });
        }
        let schema =
            Schema { query, mutation: raw.mutation_type.map(|name| name.name), subscription, directives, types };
        Ok((schema, self.missing))
    }

    fn ty(&mut self, raw: RawType) -> Result<Type> {
        let description = raw.description.as_deref().and_then(docs::normal);
        let kind = match raw.kind.as_str() {
            "SCALAR" => Kind::Scalar,
            "OBJECT" | "INTERFACE" => {
                // Interfaces were not asked about in queries older than the June 2018 specification.
                let interfaces = raw.interfaces.unwrap_or_else(|| {
                    if raw.kind == "OBJECT" {
                        self.missing.interfaces.insert(raw.name.clone());
                    }
                    Vec::new()
                });
                let fields = raw.fields.context("has no fields")?;
                let composite = Composite {
                    interfaces: interfaces.into_iter().map(|name| name.name).collect(),
                    fields: fields.into_iter().map(|field| self.field(field)).collect::<Result<_>>()?,
                };
                if raw.kind == "OBJECT" { Kind::Object(composite) } else { Kind::Interface(composite) }
            }
            "UNION" => {
                let members = raw.possible_types.unwrap_or_else(|| {
                    self.missing.members.insert(raw.name.clone());
                    Vec::new()
                });
                Kind::Union(members.into_iter().map(|name| name.name).collect())
            }
            "ENUM" => {
                let values = raw.enum_values.unwrap_or_else(|| {
                    self.missing.enum_values.insert(raw.name.clone());
                    Vec::new()
                });
                let marked = |value: RawEnumValue| {
                    let marks = self.marks(value.is_deprecated, value.deprecation_reason, value.description);
                    (value.name, marks)
                };
                Kind::Enum(values.into_iter().map(marked).collect())
            }
            "INPUT_OBJECT" => Kind::Input(self.inputs(raw.input_fields.context("has no fields")?)?),
            other => bail!("is of the unknown kind {other}"),
        };
        Ok(Type { marks: Marks { description, ..Marks::default() }, kind })
    }

    fn field(&mut self, raw: RawField) -> Result<(String, Field)> {
        let ty = type_expr(raw.ty).with_context(|| format!("field {}", raw.name))?;
        let args = self.inputs(raw.args).with_context(|| format!("field {}", raw.name))?;
        let marks = self.marks(raw.is_deprecated, raw.deprecation_reason, raw.description);
        Ok((raw.name, Field { ty, args, marks }))
    }

    fn inputs(&mut self, raw: Vec<RawInput>) -> Result<BTreeMap<String, InputValue>> {
        let mut inputs = BTreeMap::new();
        for input in raw {
            let default = match input.default_value {
                None => {
                    self.missing.defaults += 1;
                    None
                }
                Some(default) => default.as_deref().map(sdl::normal_literal).transpose()?,
            };
            let marks = if input.is_deprecated.is_some() {
                self.marks(input.is_deprecated, input.deprecation_reason, input.description)
            } else {
                // Many servers do not offer deprecation of arguments to introspection at all.
                let text = input.description.as_deref();
                Marks {
                    description: text.and_then(docs::normal),
                    deprecated: text.and_then(reason::from_description),
                    ee: None,
                }
            };
            let ty = type_expr(input.ty).with_context(|| format!("argument {}", input.name))?;
            inputs.insert(input.name, InputValue { ty, default, marks });
        }
        Ok(inputs)
    }

    fn marks(&mut self, is_deprecated: Option<bool>, reason: Option<String>, description: Option<String>) -> Marks {
        let deprecated = match is_deprecated {
            Some(true) => Some(reason::from_reason(reason.as_deref().unwrap_or_default())),
            Some(false) => None,
            None => {
                self.missing.deprecations += 1;
                let told = description.as_deref().and_then(reason::from_description);
                self.missing.deprecations_from_descriptions += usize::from(told.is_some());
                told
            }
        };
        Marks { description: description.as_deref().and_then(docs::normal), deprecated, ee: None }
    }
}

fn type_expr(raw: RawRef) -> Result<TypeExpr> {
    let inner = |of: Option<Box<RawRef>>| -> Result<Box<TypeExpr>> {
        let of = of.context("its type is cut off: the introspection query was not deep enough (`ofType`)")?;
        type_expr(*of).map(Box::new)
    };
    Ok(match raw.kind.as_str() {
        "NON_NULL" => match *inner(raw.of_type)? {
            TypeExpr::NonNull(_) => bail!("its type is NON_NULL twice"),
            ty => TypeExpr::NonNull(Box::new(ty)),
        },
        "LIST" => TypeExpr::List(inner(raw.of_type)?),
        _ => TypeExpr::Named(raw.name.context("its type has no name")?),
    })
}
