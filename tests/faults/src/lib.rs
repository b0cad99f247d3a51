//! Each way of reading and writing under each fault, over real sockets.
//!
//! A [`row`] is a fault, a [`mod@column`] is a way of reading or writing, and a [`cell`] combines both: the fault hits the
//! third request and the following ones, once [temporarily](row::Run::Passing) and once [permanently](row::Run::Lasting).
//! A cell passes if everything is read or written exactly once in the end. An error on the way must say how to continue, and
//! continuing from there must reach that end.

pub mod cell;
pub mod client;
pub mod column;
pub mod row;
pub mod table;
