//! Lists as iterators.

use super::engine::Engine;
use super::mirror::mirror;
use crate::error::Error;
#[cfg(feature = "graphql")]
use crate::graphql;
use crate::paging::{items, pages};
use crate::resume_token::ResumeToken;
use crate::send::response::Response;
use std::sync::Arc;
use std::time::Duration;

/// An iterator over a stream. `ready` takes an item that needs no waiting.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident of $stream:ty, items $item:ty, ready $ready:expr) => {
        $(#[$doc])*
        #[must_use = "nothing is sent before the first item is requested"]
        pub struct $name<T> {
            inner: $stream,
            engine: Arc<Engine>,
            /// Whether the iterator was used in asynchronous code, where it cannot work.
            ended: bool,
        }

        impl<T> $name<T> {
            pub(super) fn new(inner: $stream, engine: &Arc<Engine>) -> Self {
                $name { inner, engine: Arc::clone(engine), ended: false }
            }

            fn change(self, change: impl FnOnce($stream) -> $stream) -> Self {
                $name { inner: change(self.inner), ..self }
            }
        }

        impl<T: Send + 'static> Iterator for $name<T> {
            type Item = Result<$item, Error>;

            fn next(&mut self) -> Option<Self::Item> {
                let ready: fn(&mut $stream) -> Option<Self::Item> = $ready;
                if let Some(item) = ready(&mut self.inner) {
                    return Some(item);
                }
                if self.ended {
                    return None;
                }
                self.engine.wait_for_next(&mut self.inner).unwrap_or_else(|error| {
                    self.ended = true;
                    Some(Err(error))
                })
            }
        }
    };
}

list! {
    /// The pages of a list, as an iterator. See [`glabflow::Pages`](crate::Pages).
    Pages of pages::Pages<T>, items Response<Vec<T>>, ready |_| None
}

list! {
    /// The items of a list, as an iterator. See [`glabflow::Items`](crate::Items).
    Items of items::Items<T>, items T, ready items::Items::ready
}

#[cfg(feature = "graphql")]
list! {
    /// The items of a GraphQL connection, as an iterator. See [`glabflow::graphql::Nodes`](crate::graphql::Nodes).
    Nodes of graphql::Nodes<T>, items T, ready |_| None
}

impl<T: Send + 'static> Pages<T> {
    mirror! { "Pages"
        pub fn timeout(self, timeout: Duration) -> Self;
        pub fn prefetch(self, pages: usize) -> Self;
        pub fn parallel(self, pages: usize) -> Self;
        pub fn resume(self, token: ResumeToken) -> Self;
        pub fn resume_token(&self) -> ResumeToken;
    }
}

impl<T: Send + 'static> Items<T> {
    mirror! { "Items"
        pub fn limit(self, items: u64) -> Self;
        pub fn timeout(self, timeout: Duration) -> Self;
        pub fn prefetch(self, pages: usize) -> Self;
        pub fn parallel(self, pages: usize) -> Self;
        pub fn partitioned(self, ranges: usize) -> Self;
        pub fn unordered(self) -> Self;
        pub fn resume(self, token: ResumeToken) -> Self;
        pub fn resume_token(&self) -> ResumeToken;
    }
}

#[cfg(feature = "graphql")]
impl<T: Send + 'static> Nodes<T> {
    mirror! { "graphql::Nodes"
        pub fn limit(self, items: u64) -> Self;
        pub fn page_size(self, items: u32) -> Self;
        pub fn prefetch(self, pages: usize) -> Self;
        pub fn resume(self, token: ResumeToken) -> Self;
        pub fn resume_token(&self) -> ResumeToken;
    }
}
