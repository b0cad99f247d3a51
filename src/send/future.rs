//! What a call returns: a future of one answer.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::Plan;
use crate::send::executor::Core;
use crate::send::response::{Answer, Decoder, Response};
use bytes::Bytes;
use glabflow_contract::Output;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A future of one answer. Nothing is sent before it is awaited.
#[must_use = "nothing is sent before this is awaited"]
pub struct SendFuture<T> {
    state: Sending,
    decoder: Decoder<T>,
}

enum Sending {
    /// Nothing has been sent yet; the plan is taken when it is.
    New(Arc<Core>, Option<Box<Result<Plan, Error>>>),
    /// The answer is on its way.
    UnderWay(Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>),
}

impl<T> SendFuture<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoder: Decoder<T>) -> Self {
        SendFuture { state: Sending::New(core, Some(Box::new(plan))), decoder }
    }

    /// The longest that this call may take, with all repetitions and waits, in place of the client's
    /// [`timeout`](crate::ClientBuilder::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Sending::New(_, Some(plan)) = &mut self.state
            && let Ok(plan) = &mut **plan
        {
            plan.timeout = Some(timeout);
        }
        self
    }
}

async fn send(core: Arc<Core>, plan: Result<Plan, Error>) -> Result<Answer, Error> {
    let plan = plan?;
    let mut answer = core.send(&plan).await?;
    if plan.output == Output::Empty {
        answer.body = Bytes::new();
    }
    Ok(answer)
}

impl<T> Future for SendFuture<T> {
    type Output = Result<Response<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.state {
                Sending::UnderWay(answer) => {
                    let answer = ready!(answer.as_mut().poll(cx));
                    return Poll::Ready(answer.and_then(|answer| answer.decode(self.decoder)));
                }
                Sending::New(core, plan) => {
                    let taken = || Error::new(ErrorKind::Argument, "the request was sent before");
                    let plan = plan.take().map_or_else(|| Err(taken()), |plan| *plan);
                    self.state = Sending::UnderWay(Box::pin(send(Arc::clone(core), plan)));
                }
            }
        }
    }
}
