//! From a target and its fields to a request, checked before anything is sent.

mod body;
mod build;
mod draft;
mod fields;

pub(crate) use build::{Parts, build, is_list};
pub(crate) use draft::UNKNOWN;
