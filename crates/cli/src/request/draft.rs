//! A request under construction.

use crate::failure::Failure;
use crate::suggest;
use crate::values::{self, Problem};
use glabflow_contract::descriptor::{Body, Descriptor, Output, Paging, Param};
use glabflow_contract::index::{LazyIndex, Operation, Parameter};
use glabflow_contract::{Arg, Method, Request};
use std::collections::BTreeMap;

/// A request under construction: an operation, parameters outside the schema, and the values so far.
pub(super) struct Draft {
    pub(super) index: &'static LazyIndex,
    pub(super) operation: Option<&'static Operation>,
    pub(super) descriptor: Descriptor,
    /// Parameters that the schema does not know; they follow the known ones.
    pub(super) extra: Vec<Param>,
    pub(super) values: BTreeMap<usize, Arg>,
}

impl Draft {
    pub(super) fn known(index: &'static LazyIndex, operation: &'static Operation) -> Self {
        let descriptor = operation.descriptor();
        Draft { index, operation: Some(operation), descriptor, extra: Vec::new(), values: BTreeMap::new() }
    }

    pub(super) fn unknown(index: &'static LazyIndex, method: Method, path: String, placeholders: Vec<String>) -> Self {
        let descriptor = Descriptor {
            id: Descriptor::RAW,
            tag: Descriptor::RAW,
            method,
            path: path.leak(),
            params: &[],
            body: if takes_query(method) { Body::None } else { Body::Json },
            output: Output::Json,
            paging: Paging::Offset,
            ranges: &[],
            idempotent: method.is_idempotent(),
            deprecated: false,
            docs: None,
        };
        let extra = placeholders.into_iter().map(|name| Param::path(name.leak())).collect();
        Draft { index, operation: None, descriptor, extra, values: BTreeMap::new() }
    }

    pub(super) fn parameters(&self) -> &'static [Parameter] {
        self.operation.map_or(&[], |operation| &operation.params)
    }

    /// The position of a parameter of the schema. If several parameters share a name, the first unset one wins.
    pub(super) fn find(&self, name: &str) -> Option<(usize, &'static Parameter)> {
        let plain = plain(name);
        let fits = |(_, param): &(usize, &Parameter)| self::plain(&param.name) == plain || param.rust_name == plain;
        let mut found: Vec<_> = self.parameters().iter().enumerate().filter(fits).collect();
        // The name on the wire takes precedence over the name in Rust.
        found.sort_by_key(|(at, param)| (self::plain(&param.name) != plain, self.values.contains_key(at)));
        found.into_iter().next()
    }

    pub(super) fn finish(mut self) -> Result<Request, Failure> {
        self.check_required()?;
        if !self.extra.is_empty() {
            let known = self.descriptor.params.iter().copied();
            self.descriptor.params = Vec::leak(known.chain(self.extra).collect());
        }
        let mut request = Request::new(Box::leak(Box::new(self.descriptor)));
        for (at, value) in self.values {
            let position = u16::try_from(at).map_err(|_| Failure::usage("too many fields"))?;
            request.set(position, value);
        }
        match request.encode() {
            Ok(_) => Ok(request),
            Err(error) => Err(Failure::usage(error.to_string())),
        }
    }

    /// Reports all missing parameters in one message.
    pub(super) fn check_required(&self) -> Result<(), Failure> {
        let unset = |at: usize| !self.values.contains_key(&at);
        let known = self.parameters().iter().enumerate().filter(|(at, param)| param.required && unset(*at));
        let mut missing: Vec<String> = known
            .map(|(_, param)| format!("--field {}=... ({})", param.name, values::describe(self.index, &param.ty)))
            .collect();
        let offset = self.parameters().len();
        let extra = self.extra.iter().enumerate().filter(|(at, param)| param.required && unset(offset + at));
        missing.extend(extra.map(|(_, param)| format!("--field {}=...", param.name)));
        if missing.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(format!("{} requires {}", self.descriptor.id, missing.join(", "))).hint(self.show()))
    }

    pub(super) fn wrong(&self, name: &str, problem: Problem) -> Failure {
        Failure::usage(format!("{}: parameter `{name}` {problem}", self.descriptor.id))
    }

    pub(super) fn unknown_name(&self, name: &str) -> Failure {
        let names = self.parameters().iter().map(|param| plain(&param.name));
        let question = suggest::question(plain(name), names);
        Failure::usage(format!("{} has no parameter `{name}`{question}", self.descriptor.id))
            .hint(format!("{}; --raw-field sends a parameter that the schema does not know", self.show()))
    }

    pub(super) fn show(&self) -> String {
        format!("`gl operations show {}` lists the parameters", self.descriptor.id)
    }
}

/// Whether the fields of a request go into its query if the schema does not know them.
pub(super) fn takes_query(method: Method) -> bool {
    matches!(method, Method::Get | Method::Head | Method::Delete)
}

/// A parameter's name without the brackets of a list.
pub(super) fn plain(name: &str) -> &str {
    name.strip_suffix("[]").unwrap_or(name)
}
