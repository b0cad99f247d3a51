//! Documents that are built, checked against the schema and priced before they are sent.
//!
//! ```no_run
//! use glabflow::graphql::builder::{Query, var};
//!
//! # async fn run(gl: glabflow::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let issues = Query::new("Issues")
//!     .variable("path", "ID!")
//!     .field("project", |project| {
//!         project.arg("fullPath", var("path")).field("issues", |issues| {
//!             issues.arg("first", 20).field("nodes", |issue| issue.fields(["iid", "title"]))
//!         })
//!     })
//!     .build()?;
//! let response = gl.graphql().checked(&issues).variable("path", "gitlab-org/gitlab").execute().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The first use reads the schema. A program that does not use this module does not read it.

pub use glabflow_document::*;

use super::handle::Graphql;
use super::response::Response;
use crate::error::{Error, ErrorKind};
use glabflow_contract::graphql::cost::LIMITS;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use std::fmt;
use std::sync::Arc;

/// A checked document with its variables, ready to execute. [`Graphql::checked`] creates it.
#[derive(Clone)]
#[must_use = "call `execute` to send the document"]
pub struct Checked {
    graphql: Graphql,
    document: Document,
    variables: Result<Map<String, Json>, String>,
    limit: u32,
    calibration: Option<Arc<Calibration>>,
}

impl Graphql {
    /// A valid document. Its variables and its cost are checked before it is sent.
    pub fn checked(&self, document: &Document) -> Checked {
        Checked {
            graphql: self.clone(),
            document: document.clone(),
            variables: Ok(Map::new()),
            limit: LIMITS.complexity,
            calibration: None,
        }
    }
}

impl Checked {
    /// Adds variables: anything that serialises to a JSON object.
    pub fn variables(mut self, variables: impl Serialize) -> Self {
        self.variables = self.variables.and_then(|mut all| match serde_json::to_value(variables) {
            Ok(Json::Object(more)) => {
                all.extend(more);
                Ok(all)
            }
            Ok(Json::Null) => Ok(all),
            Ok(_) => Err("the variables must be a JSON object".to_owned()),
            Err(error) => Err(error.to_string()),
        });
        self
    }

    /// Adds one variable.
    pub fn variable(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        self.variables = self.variables.and_then(|mut all| {
            all.insert(name.into(), serde_json::to_value(value).map_err(|error| error.to_string())?);
            Ok(all)
        });
        self
    }

    /// Maximum complexity of the document (default: what GitLab allows a signed-in user). A self-managed server may allow more.
    pub fn complexity_limit(mut self, points: u32) -> Self {
        self.limit = points;
        self
    }

    /// Corrects the estimate by earlier scores of the document. A query also asks the server for its score, for the next time.
    pub fn calibrate(mut self, calibration: &Arc<Calibration>) -> Self {
        self.calibration = Some(Arc::clone(calibration));
        self
    }

    /// What the document costs with its variables.
    ///
    /// # Errors
    /// If the variables are not valid.
    pub fn estimate(&self) -> Result<Estimate, Error> {
        self.price().map(|(_, corrected)| corrected)
    }

    /// The estimate by the rules, and the corrected one.
    fn price(&self) -> Result<(Estimate, Estimate), Error> {
        let refuse = |text: String| Error::new(ErrorKind::Argument, text);
        let variables = self.variables.as_ref().map_err(|problem| refuse(problem.clone()))?;
        self.document.check_variables(variables).map_err(|invalid| refuse(invalid.to_string()))?;
        let plain = self.document.estimate(variables);
        let corrected = match &self.calibration {
            Some(calibration) => calibration.corrected(&self.document, plain.clone()),
            None => plain.clone(),
        };
        Ok((plain, corrected))
    }

    /// Sends the document. The output is its `data`.
    ///
    /// # Errors
    /// If the variables are not valid or the document costs too much; it is not sent then. Otherwise as for
    /// [`Document::execute`](crate::graphql::Document::execute).
    pub async fn execute(self) -> Result<Response<Json>, Error> {
        self.execute_as().await
    }

    /// Sends the document. The output is its `data`, decoded by serde.
    ///
    /// # Errors
    /// As for [`Checked::execute`], and if the data has another shape.
    pub async fn execute_as<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let (plain, corrected) = self.price()?;
        let limits = glabflow_contract::graphql::cost::Limits { complexity: self.limit, ..LIMITS };
        corrected.within(&limits).map_err(|costly| Error::new(ErrorKind::Complexity, costly.to_string()))?;
        let variables = self.variables.unwrap_or_default();
        let question = self.calibration.zip(self.document.asking_score());
        let Some((calibration, asking)) = question else {
            let text = self.document.text().to_owned();
            return self.graphql.document(text).variables(variables).execute_as().await;
        };
        let response = self.graphql.document(asking.text().to_owned()).variables(variables).execute().await?;
        response.try_map(|mut data| {
            calibration.learn(&self.document, &plain, &data);
            if let Json::Object(data) = &mut data {
                data.remove(SCORE_KEY);
            }
            serde_json::from_value(data)
        })
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Variables may have secrets under any name.
        f.debug_struct("Checked").field("document", &self.document).finish_non_exhaustive()
    }
}
