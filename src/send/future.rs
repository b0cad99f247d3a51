//! What a call returns: a future of one response.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::PreparedRequest;
use crate::send::executor::Executor;
use crate::send::response::{Decoder, RawResponse, Response};
use bytes::Bytes;
use glabflow_contract::Output;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A future of one response. Nothing is sent before it is awaited.
#[must_use = "nothing is sent before this is awaited"]
pub struct SendFuture<T> {
    state: State,
    decoder: Decoder<T>,
}

enum State {
    /// Nothing has been sent yet. The request is taken when it is.
    New(Arc<Executor>, Option<Box<Result<PreparedRequest, Error>>>),
    /// The call has begun.
    InFlight(Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send>>),
}

impl<T> SendFuture<T> {
    pub(crate) fn new(executor: Arc<Executor>, request: Result<PreparedRequest, Error>, decoder: Decoder<T>) -> Self {
        SendFuture { state: State::New(executor, Some(Box::new(request))), decoder }
    }

    /// Total timeout of this call, including retries and rate-limit waits. It replaces the client's
    /// [`timeout`](crate::ClientBuilder::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let State::New(_, Some(request)) = &mut self.state
            && let Ok(request) = &mut **request
        {
            request.timeout = Some(timeout);
        }
        self
    }
}

async fn send(executor: Arc<Executor>, request: Result<PreparedRequest, Error>) -> Result<RawResponse, Error> {
    let request = request?;
    let mut response = executor.send(&request).await?;
    if request.output == Output::Empty {
        response.body = Bytes::new();
    }
    Ok(response)
}

impl<T> Future for SendFuture<T> {
    type Output = Result<Response<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.state {
                State::InFlight(response) => {
                    let response = ready!(response.as_mut().poll(cx));
                    return Poll::Ready(response.and_then(|response| response.decode(self.decoder)));
                }
                State::New(executor, request) => {
                    let taken = || Error::new(ErrorKind::Argument, "polled after completion");
                    let request = request.take().map_or_else(|| Err(taken()), |request| *request);
                    self.state = State::InFlight(Box::pin(send(Arc::clone(executor), request)));
                }
            }
        }
    }
}
