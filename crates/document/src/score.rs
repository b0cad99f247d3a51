//! The field by which GitLab reports the score of a document.

use crate::ast::{Field, Selection};

/// The response key under which [`Document::asking_score`](crate::Document::asking_score) asks for the score.
pub const SCORE_KEY: &str = "glabflowComplexity";

/// The field's name.
pub(crate) const SCORE_FIELD: &str = "queryComplexity";

/// What the field costs.
pub(crate) const SCORE_PRICE: u32 = 3;

/// The selection that asks for the score.
pub(crate) fn score_field() -> Selection {
    let field = |alias: Option<&str>, name: &str, selections| {
        Selection::Field(Field {
            alias: alias.map(str::to_owned),
            name: name.to_owned(),
            arguments: Vec::new(),
            directives: Vec::new(),
            selections,
            at: None,
        })
    };
    let below = vec![field(None, "limit", Vec::new()), field(None, "score", Vec::new())];
    field(Some(SCORE_KEY), SCORE_FIELD, below)
}
