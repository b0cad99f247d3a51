//! The measurements of a scenario.

use crate::process::{Said, Took};

/// One run of one contestant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) said: Said,
    pub(crate) took: Took,
    pub(crate) requests: u64,
}

/// All runs of one contestant in a scenario.
#[derive(Debug)]
pub(crate) struct Result {
    pub(crate) name: &'static str,
    pub(crate) samples: Vec<Sample>,
    /// Why there are none.
    pub(crate) missing: Option<String>,
}
