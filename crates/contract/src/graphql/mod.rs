//! GraphQL operations as data.
//!
//! As with REST, an operation is a [`Descriptor`] and the values that setters put into [`Variables`]. One function
//! decodes the responses of all operations: the descriptor has the path from `data` to the
//! [output](GraphqlOperation::Output), so no operation needs types for the objects in between.

mod connection;
pub mod cost;
mod descriptor;
mod id;
mod macros;
mod one_of;
mod operation;
mod response_data;
mod variables;
mod walk;

pub use connection::{Connection, List, PageInfo};
pub use descriptor::{Descriptor, Edition, Kind, Variable};
pub use id::{Any, GlobalId, GlobalIdError, IdKind, Model};
pub use one_of::Other;
pub use operation::{ConnectionOperation, GraphqlOperation, MutationOperation, Payload};
pub use response_data::ResponseData;
pub use variables::{Input, Variables};

#[doc(hidden)]
pub use connection::present;
#[doc(hidden)]
pub use one_of::{object, variant};
