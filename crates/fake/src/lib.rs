//! An embedded fake GitLab for demos and tests.

mod answer;
mod change;
mod check;
mod clock;
mod fake;
mod fault;
mod filter;
mod identity;
mod json;
mod limit;
mod log;
mod multipart;
mod page;
mod params;
mod permission;
mod query;
mod random;
mod resource;
mod rest;
mod router;
mod seed;
mod server;
mod shapes;
mod special;
mod store;
mod synthetic;
mod time;
mod wire;
mod world;

pub use clock::Clock;
pub use fake::{Builder, Fake};
pub use fault::{Fault, UnknownFault};
pub use identity::{ADMIN_TOKEN, JOB_TOKEN, READ_ONLY_TOKEN, Scope, USER_TOKEN};
pub use log::{Requests, Seen};
