//! Reads several ranges of a list at once. A range is a part of the list between two keys: ids, or seconds of creation.
//!
//! The result is exact whatever others add and remove:
//!
//! - The key of an item never changes, and each key belongs to one range. The reader of a range looks at the key of each item and
//!   returns only the items of its range. The server only has to send *at least* the range, so the request asks for one key more. It
//!   does not matter whether the server includes the ends of the range, or whether its times have fractions of a second.
//! - The next page of a range is not found by counting items. With keyset pagination, the server continues after the last item.
//!   Without it, the next page is the first page of the range that begins with the last key that was read ([`range_reader`]).
//! - A range is split only where nobody has read yet, and only by its own reader, when other readers have no work ([`scheduler`]).

mod key_density;
mod range_query;
mod range_reader;
mod scheduler;
mod stream;

pub(crate) use scheduler::Division;
pub(crate) use stream::PartitionStream;
