//! The typed operations of a client.

use crate::client::Client;
use crate::http::prepared::PreparedRequest;
use crate::paging::items::Items;
use crate::paging::page_items::Decoders;
use crate::paging::pages::Pages;
use crate::send::download::DownloadFuture;
use crate::send::future::SendFuture;
use crate::send::response::or_null;
use glabflow_contract::{Caller, Decode, Operation, Request, decode};

glabflow_rest::resources!(Client);

/// Runs the typed operations.
impl Caller for Client {
    type Response<T: Decode> = SendFuture<T>;
    type Download = DownloadFuture;
    type Pages<T: Decode> = Pages<T>;
    type Items<T: Decode> = Items<T>;

    fn send<T: Decode>(&self, request: Request) -> SendFuture<T> {
        SendFuture::new(self.executor(), PreparedRequest::of(&request), |body| decode::from_slice(or_null(body)))
    }

    fn download(&self, request: Request) -> DownloadFuture {
        DownloadFuture::new(self.executor(), PreparedRequest::of(&request))
    }

    fn pages<T: Decode>(&self, request: Request) -> Pages<T> {
        Pages::new(self.executor(), PreparedRequest::of(&request), Decoders::lenient())
    }

    fn items<T: Decode>(&self, request: Request) -> Items<T> {
        Items::new(self.executor(), PreparedRequest::of(&request), Decoders::lenient())
    }
}

impl Client {
    /// Sends an operation that was built without a client.
    pub fn send<O: Operation<Output: Decode>>(&self, operation: O) -> SendFuture<O::Output> {
        Caller::send(self, operation.into_request())
    }
}
