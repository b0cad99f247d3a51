//! The body from `--input`.

use super::draft::{Draft, plain};
use crate::failure::Failure;
use crate::files;
use crate::values;
use glabflow_contract::descriptor::{Body, Param};
use glabflow_contract::index::Parameter;
use glabflow_contract::{Arg, Location, Upload};
use serde_json::Value;
use std::path::Path;

impl Draft {
    /// The body of a request to a path that the schema does not know: these bytes, unchanged.
    pub(super) fn set_unknown_body(&mut self, bytes: Vec<u8>) {
        self.descriptor.body = Body::Raw("application/json");
        self.extra.push(Param::body("body"));
        self.values.insert(self.extra.len() - 1, Arg::File(Upload::bytes("body", bytes)));
    }

    /// `--input` of an operation: its file, or a JSON object of body parameters.
    pub(super) fn set_input(&mut self, path: &Path) -> Result<(), Failure> {
        if let Body::Raw(_) = self.descriptor.body
            && let Some(at) = self.parameters().iter().position(|param| param.location == Location::Body)
        {
            self.values.insert(at, Arg::File(files::upload(path)?));
            return Ok(());
        }
        let source = path.display();
        let value: Value = serde_json::from_slice(&files::bytes(path)?)
            .map_err(|error| Failure::usage(format!("the input `{source}` is not JSON: {error}")))?;
        let Value::Object(members) = value else {
            return Err(Failure::usage(format!("the input `{source}` must be a JSON object of body parameters")));
        };
        for (name, value) in members {
            let body = |param: &Parameter| param.location == Location::Body && plain(&param.name) == name;
            let Some(at) = self.parameters().iter().position(body) else {
                return Err(self.unknown_name(&name));
            };
            let value = values::from_json(self.index, &self.parameters()[at].ty, value)
                .map_err(|problem| self.wrong(&name, problem))?;
            let value = if matches!(value, Arg::Json(Value::Null)) { Arg::Null } else { value };
            self.values.insert(at, value);
        }
        Ok(())
    }
}
