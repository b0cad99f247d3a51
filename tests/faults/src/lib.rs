//! Every way of reading and writing under every fault, over real sockets.
//!
//! A [`row`] is a fault, a [`mod@column`] a way of reading or writing, and a [`cell`] is both: the fault comes over the third
//! request and those that follow, once [in passing](row::Run::Passing) and once [to stay](row::Run::Lasting). A cell ends
//! well when everything is read or written exactly once in the end; when an error comes on the way, it must say where to go
//! on, and going on from there must lead to that end.

pub mod cell;
pub mod client;
pub mod column;
pub mod row;
pub mod table;
