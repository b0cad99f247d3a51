//! Reading a list in pieces at once: each piece is a range of keys (ids, or seconds of creation), read on its own.
//!
//! What makes it exact, whatever is added and removed meanwhile:
//!
//! - The key of an item never changes, and each key belongs to one piece. A piece gives out what it owns and nothing else, by
//!   looking at the items; what the server makes of the ends of a range (inclusive or not, fractions of a second) only has to let
//!   through *at least* the piece, so ranges are asked for with one key to spare.
//! - Within a piece, nothing is found by its position. With keyset pagination the server goes on behind the last item. Without it,
//!   the next page is the first one of the range that begins with the last key which was seen ([`range_reader`]).
//! - Pieces are cut where nobody has read yet, by whoever reads them, when others have nothing to do ([`scheduler`]).

mod key_density;
mod range_query;
mod range_reader;
mod scheduler;
mod stream;

pub(crate) use scheduler::Division;
pub(crate) use stream::Reader;
