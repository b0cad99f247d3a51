//! Corrects estimates by the scores that GitLab reports.

use crate::cost::Estimate;
use crate::document::Document;
use crate::score::{SCORE_KEY, SCORE_PRICE};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What GitLab's scores have shown about the estimates of documents.
///
/// Each document has a factor of its own between score and estimate, because the schema does not list resolvers. Send
/// [`Document::asking_score`] now and then, and [`learn`](Calibration::learn) from the response.
#[derive(Debug, Default)]
pub struct Calibration {
    /// The score in thousandths of the estimate, by the document's text.
    factors: Mutex<HashMap<String, u64>>,
}

impl Calibration {
    /// A calibration that corrects nothing yet.
    pub fn new() -> Self {
        Calibration::default()
    }

    /// Learns from the response to a document that asked for its score. The last response counts. `estimate` is the estimate of the
    /// document without the question; `data` is the `data` of the response. Returns whether the response has the score.
    pub fn learn(&self, document: &Document, estimate: &Estimate, data: &Value) -> bool {
        let score = data.get(SCORE_KEY).and_then(|field| field.get("score")).and_then(Value::as_u64);
        let Some(score) = score else { return false };
        let score = score.saturating_sub(SCORE_PRICE.into());
        let factor = score.saturating_mul(1000) / u64::from(estimate.complexity.max(1));
        let mut factors = self.factors.lock().unwrap_or_else(PoisonError::into_inner);
        factors.insert(document.text().to_owned(), factor);
        true
    }

    /// The estimate of a document, corrected by its last known score.
    #[must_use]
    pub fn corrected(&self, document: &Document, mut estimate: Estimate) -> Estimate {
        let factors = self.factors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(factor) = factors.get(document.text()) {
            let corrected = u64::from(estimate.complexity).saturating_mul(*factor).div_ceil(1000);
            estimate.complexity = u32::try_from(corrected).unwrap_or(u32::MAX);
        }
        estimate
    }
}
