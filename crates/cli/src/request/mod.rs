//! Builds requests from targets and fields, and checks them before anything is sent.

mod body;
mod build;
mod draft;
mod fields;

pub(crate) use build::{Parts, build, is_list};
