//! glabflow at work against an embedded fake GitLab: streams, pages in parallel, retries, and the same call for many projects.
//!
//! The program `glabflow-demo` and the command `gl demo` run it.

mod failure;
mod screen;
mod tour;

pub use failure::Failure;
pub use screen::thousands;
pub use tour::{Options, run};
