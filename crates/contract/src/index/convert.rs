//! From operations as owned data to constant descriptors.

use super::operation::{Body, Keyset, Operation, Output, Paging, Parameter};
use crate::descriptor::{self, Descriptor, Param};

impl Operation {
    /// The operation as a constant descriptor, for calls that are not typed.
    ///
    /// It allocates for as long as the program runs. Call it once for each operation and keep the result.
    pub fn descriptor(&'static self) -> Descriptor {
        Descriptor {
            id: &self.id,
            tag: &self.tag,
            method: self.method,
            path: &self.path,
            params: Vec::leak(self.params.iter().map(Param::from).collect()),
            body: (&self.body).into(),
            output: (&self.output).into(),
            paging: (&self.paging).into(),
            ranges: &self.ranges,
            idempotent: self.idempotent,
            deprecated: self.deprecated,
            docs: self.docs.as_deref(),
        }
    }
}

impl From<&'static Parameter> for Param {
    fn from(parameter: &'static Parameter) -> Self {
        Param {
            name: &parameter.name,
            location: parameter.location,
            required: parameter.required,
            wildcard: parameter.wildcard,
            comma: parameter.comma,
        }
    }
}

impl From<&'static Body> for descriptor::Body {
    fn from(body: &'static Body) -> Self {
        match body {
            Body::None => descriptor::Body::None,
            Body::Json => descriptor::Body::Json,
            Body::Multipart => descriptor::Body::Multipart,
            Body::Raw(content_type) => descriptor::Body::Raw(content_type),
        }
    }
}

impl From<&'static Output> for descriptor::Output {
    fn from(output: &'static Output) -> Self {
        match output {
            Output::Empty => descriptor::Output::Empty,
            Output::Json(_) => descriptor::Output::Json,
            Output::List(_) => descriptor::Output::List,
            Output::File(content_type) => descriptor::Output::File(content_type),
        }
    }
}

impl From<&'static Paging> for descriptor::Paging {
    fn from(paging: &'static Paging) -> Self {
        match paging {
            Paging::None => descriptor::Paging::None,
            Paging::Link => descriptor::Paging::Link,
            Paging::Offset => descriptor::Paging::Offset,
            Paging::Keyset(keyset) => descriptor::Paging::Keyset(keyset.into()),
        }
    }
}

/// Allocates the two lists for as long as the program runs.
impl From<&'static Keyset> for descriptor::Keyset {
    fn from(keyset: &'static Keyset) -> Self {
        descriptor::Keyset {
            orders: texts(&keyset.orders),
            sorts: texts(&keyset.sorts),
            anonymous_only: keyset.anonymous_only,
        }
    }
}

fn texts(values: &'static [String]) -> &'static [&'static str] {
    Vec::leak(values.iter().map(String::as_str).collect())
}
