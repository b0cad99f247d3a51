//! Watches lists for changes by polling: which items are new, changed or removed.
//!
//! GitLab reports changes over WebSockets only. A watch reads the list at intervals instead, and compares.

mod builder;
mod changes;
mod source;
mod state;

pub use builder::WatchBuilder;
pub use changes::{Change, ChangeStream};
pub use state::WatchState;
