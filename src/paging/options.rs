//! The methods that several streams have in common. A stream calls the macro inside its `impl` block.

/// - `every_stream` needs `prefetch_pages(&mut self, usize)` and `start_at(&mut self, ResumeToken)`.
/// - `rest` needs `set(&mut self, impl FnOnce(&mut Setup<_>))`.
/// - `items` needs `limit_items(&mut self, u64)` and a `Stream` of `Result<T, Error>`.
macro_rules! list_options {
    (every_stream) => {
        /// Reads up to `pages` pages ahead of the caller (default: 2). With 0, a page is requested when the caller asks for it.
        pub fn prefetch(mut self, pages: usize) -> Self {
            self.prefetch_pages(pages);
            self
        }

        /// Continues at the position of another stream of the same list. A `limit` starts to count there.
        ///
        /// Yields an error if the token was created for a different operation or different arguments.
        pub fn resume(mut self, token: ResumeToken) -> Self {
            self.start_at(token);
            self
        }
    };
    (rest) => {
        /// Total timeout for one page, including retries and rate-limit waits. It replaces the client's
        /// [`timeout`](crate::ClientBuilder::timeout).
        pub fn timeout(mut self, timeout: Duration) -> Self {
            self.set(|setup| setup.timeout(timeout));
            self
        }

        /// Requests up to `pages` pages at once if the server pages by number. The order of the list is kept.
        ///
        /// If the server does not say how many pages there are, up to `pages - 1` may be requested after the last one.
        pub fn parallel(mut self, pages: usize) -> Self {
            self.set(|setup| setup.reading.parallel = pages.max(1));
            self
        }
    };
    (items) => {
        /// Ends the stream after this number of items. No page after them is requested.
        pub fn limit(mut self, items: u64) -> Self {
            self.limit_items(items);
            self
        }

        /// The next item; `None` after the last one.
        pub async fn next(&mut self) -> Option<Result<T, Error>> {
            std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
        }

        /// All items, or the first error.
        ///
        /// # Errors
        /// When a page cannot be read, an item cannot be decoded, or a GraphQL response has errors.
        pub async fn try_collect(mut self) -> Result<Vec<T>, Error> {
            let mut all = Vec::new();
            while let Some(item) = self.next().await {
                all.push(item?);
            }
            Ok(all)
        }
    };
}
pub(crate) use list_options;
