//! Does the same work for many inputs, several at once.

use crate::error::Error;
use crate::paging::items::Items;
use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The result of the work for one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<I, O, E> {
    /// The input.
    pub input: I,
    /// The result for it.
    pub result: Result<O, E>,
}

/// The progress of a fan-out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Inputs whose work has ended, with or without an error.
    pub done: u64,
    /// Inputs whose work has failed.
    pub failed: u64,
    /// Inputs whose work is running.
    pub running: usize,
}

/// The inputs of [`fanout`]: an iterator or a stream. `Kind` says which of the two, and is inferred.
pub trait Inputs<Kind> {
    /// An input.
    type Item;
    /// The inputs as a stream.
    type Stream: Stream<Item = Self::Item>;

    /// The inputs as a stream.
    fn into_stream(self) -> Self::Stream;
}

/// Inputs from an iterator.
#[derive(Debug)]
pub enum Iterated {}

/// Inputs from a stream.
#[derive(Debug)]
pub enum Streamed {}

/// An iterator as a stream that is always ready.
#[derive(Debug)]
pub struct Iter<I>(I);

impl<I> Unpin for Iter<I> {}

impl<I: Iterator> Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

impl<I: IntoIterator> Inputs<Iterated> for I {
    type Item = I::Item;
    type Stream = Iter<I::IntoIter>;

    fn into_stream(self) -> Self::Stream {
        Iter(self.into_iter())
    }
}

impl<S: Stream> Inputs<Streamed> for S {
    type Item = S::Item;
    type Stream = S;

    fn into_stream(self) -> S {
        self
    }
}

/// Does the same work for many inputs, at most `concurrency` at once. Returns each result with its input as soon as it is there.
///
/// No input is lost: a failure is a result too, and the other inputs continue. An input is taken only when its work can start.
/// Nothing happens before the first result is requested. Dropping the stream cancels all running work.
///
/// For the items of a list, [`Items::fanout`] does the same.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut outcomes = glabflow::fanout(1..=3, 2, |id| async move { if id == 2 { Err("two") } else { Ok(id * 10) } });
/// while let Some(outcome) = outcomes.next().await {
///     match outcome.result {
///         Ok(result) => assert_eq!(result, outcome.input * 10),
///         Err(why) => assert_eq!((outcome.input, why), (2, "two")),
///     }
/// }
/// # }
/// ```
pub fn fanout<Kind, S, I, F, Fut, O, E>(inputs: S, concurrency: usize, work: F) -> Fanout<S::Stream, I, F, Fut>
where
    S: Inputs<Kind, Item = I>,
    I: Clone,
    F: FnMut(I) -> Fut,
    Fut: Future<Output = Result<O, E>>,
{
    Fanout(Engine::new(Sure(Box::pin(inputs.into_stream())), concurrency, work))
}

/// The stream of [`fanout`]: an [`Outcome`] for each input.
#[must_use = "streams do nothing unless polled"]
pub struct Fanout<S, I, F, Fut>(Engine<Sure<S>, I, F, Fut>);

impl<S, I, F, Fut> Unpin for Fanout<S, I, F, Fut> {}

impl<S, I, F, Fut, O, E> Fanout<S, I, F, Fut>
where
    S: Stream<Item = I>,
    I: Clone,
    F: FnMut(I) -> Fut,
    Fut: Future<Output = Result<O, E>>,
{
    /// Calls `hook` whenever the work for an input has begun or ended, before its result is returned.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let outcomes = glabflow::fanout(1..=3, 2, |id| async move { if id == 2 { Err("two") } else { Ok(id) } });
    /// let mut outcomes = outcomes.on_progress(|so_far| println!("{} done, {} failed", so_far.done, so_far.failed));
    /// while outcomes.next().await.is_some() {}
    /// # }
    /// ```
    pub fn on_progress(mut self, hook: impl FnMut(Progress) + Send + 'static) -> Self {
        self.0.hook = Some(Box::new(hook));
        self
    }

    /// The next result; `None` after the last one.
    pub async fn next(&mut self) -> Option<Outcome<I, O, E>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<S, I, F, Fut, O, E> Stream for Fanout<S, I, F, Fut>
where
    S: Stream<Item = I>,
    I: Clone,
    F: FnMut(I) -> Fut,
    Fut: Future<Output = Result<O, E>>,
{
    type Item = Outcome<I, O, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx).map(|outcome| {
            outcome.map(|outcome| match outcome {
                Ok(outcome) => outcome,
                Err(never) => match never {},
            })
        })
    }
}

impl<T: Clone + Send + 'static> Items<T> {
    /// Does the same work for every item, at most `concurrency` at once, like [`fanout`].
    ///
    /// An item that cannot be read is an error of the stream, because it has no input. The stream continues like [`Items`].
    pub fn fanout<F, Fut, O, E>(self, concurrency: usize, work: F) -> ItemFanout<T, F, Fut>
    where
        F: FnMut(T) -> Fut,
        Fut: Future<Output = Result<O, E>>,
    {
        ItemFanout(Engine::new(self, concurrency, work))
    }
}

/// The stream of [`Items::fanout`]: an [`Outcome`] for each item.
#[must_use = "streams do nothing unless polled"]
pub struct ItemFanout<T, F, Fut>(Engine<Items<T>, T, F, Fut>);

impl<T, F, Fut> Unpin for ItemFanout<T, F, Fut> {}

impl<T, F, Fut, O, E> ItemFanout<T, F, Fut>
where
    T: Clone + Send + 'static,
    F: FnMut(T) -> Fut,
    Fut: Future<Output = Result<O, E>>,
{
    /// Calls `hook` like [`Fanout::on_progress`]. An item that cannot be read is not counted.
    pub fn on_progress(mut self, hook: impl FnMut(Progress) + Send + 'static) -> Self {
        self.0.hook = Some(Box::new(hook));
        self
    }

    /// The next result; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<Outcome<T, O, E>, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T, F, Fut, O, E> Stream for ItemFanout<T, F, Fut>
where
    T: Clone + Send + 'static,
    F: FnMut(T) -> Fut,
    Fut: Future<Output = Result<O, E>>,
{
    type Item = Result<Outcome<T, O, E>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx)
    }
}

/// Inputs without read errors.
struct Sure<S>(Pin<Box<S>>);

impl<S: Stream> Stream for Sure<S> {
    type Item = Result<S::Item, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx).map(|input| input.map(Ok))
    }
}

/// Running work and its input.
struct Running<I, Fut> {
    input: Option<I>,
    work: Pin<Box<Fut>>,
}

impl<I, Fut> Unpin for Running<I, Fut> {}

impl<I, Fut, O, E> Future for Running<I, Fut>
where
    Fut: Future<Output = Result<O, E>>,
{
    type Output = Option<Outcome<I, O, E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.work.as_mut().poll(cx).map(|result| Some(Outcome { input: self.input.take()?, result }))
    }
}

/// The next outcome, or an error in reading the next input.
type Next<I, O, E, X> = Option<Result<Outcome<I, O, E>, X>>;

/// The implementation of both fan-outs.
struct Engine<S, I, F, Fut> {
    inputs: Option<S>,
    running: FuturesUnordered<Running<I, Fut>>,
    concurrency: usize,
    work: F,
    progress: Progress,
    hook: Option<Box<dyn FnMut(Progress) + Send>>,
}

impl<S, I, F, Fut> Engine<S, I, F, Fut> {
    fn new(inputs: S, concurrency: usize, work: F) -> Self {
        Engine {
            inputs: Some(inputs),
            running: FuturesUnordered::new(),
            concurrency: concurrency.max(1),
            work,
            progress: Progress::default(),
            hook: None,
        }
    }

    fn report(&mut self) {
        self.progress.running = self.running.len();
        if let Some(hook) = &mut self.hook {
            hook(self.progress);
        }
    }

    fn poll_next<X, O, E>(&mut self, cx: &mut Context<'_>) -> Poll<Next<I, O, E, X>>
    where
        S: Stream<Item = Result<I, X>> + Unpin,
        I: Clone,
        F: FnMut(I) -> Fut,
        Fut: Future<Output = Result<O, E>>,
    {
        while self.running.len() < self.concurrency
            && let Some(inputs) = &mut self.inputs
        {
            match Pin::new(inputs).poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(None) => self.inputs = None,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(input))) => {
                    let work = Box::pin((self.work)(input.clone()));
                    self.running.push(Running { input: Some(input), work });
                    self.report();
                }
            }
        }
        match Pin::new(&mut self.running).poll_next(cx) {
            Poll::Ready(Some(outcome)) => {
                self.progress.done += 1;
                self.progress.failed += u64::from(outcome.as_ref().is_some_and(|outcome| outcome.result.is_err()));
                self.report();
                Poll::Ready(outcome.map(Ok))
            }
            // No work is running, but there may be more inputs.
            Poll::Ready(None) if self.inputs.is_some() => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn every_input_has_a_result_and_concurrency_is_limited() {
        let (running, most) = (Cell::new(0), Cell::new(0));
        let (running, most) = (&running, &most);
        let work = |id: u32| async move {
            running.set(running.get() + 1);
            most.set(most.get().max(running.get()));
            tokio::task::yield_now().await;
            running.set(running.get() - 1);
            if id.is_multiple_of(7) { Err(id) } else { Ok(id * 2) }
        };
        let mut outcomes = fanout(0..100_u32, 5, work);
        assert_eq!(most.get(), 0, "nothing happens before the first result is requested");
        let mut seen = BTreeSet::new();
        while let Some(Outcome { input, result }) = outcomes.next().await {
            assert_eq!(result, if input.is_multiple_of(7) { Err(input) } else { Ok(input * 2) });
            assert!(seen.insert(input));
        }
        assert_eq!((seen.len(), most.get()), (100, 5));
    }

    #[tokio::test]
    async fn inputs_are_taken_only_when_their_work_can_start() {
        let taken = Cell::new(0);
        let inputs = futures_util::stream::iter(0..100);
        let inputs = futures_util::StreamExt::inspect(inputs, |_| taken.set(taken.get() + 1));
        let mut outcomes = fanout(inputs, 3, |id| async move { Ok::<u32, ()>(id) });
        let first = outcomes.next().await.expect("an outcome");
        assert_eq!(first.result, Ok(first.input));
        assert!(taken.get() <= 4, "{}", taken.get());
    }

    #[tokio::test]
    async fn progress_is_reported_when_work_begins_and_ends() {
        let (sender, reports) = std::sync::mpsc::channel();
        let work = |id: u32| async move { if id == 1 { Err(()) } else { Ok(id) } };
        let mut outcomes = fanout(1..=3, 2, work).on_progress(move |it| sender.send(it).expect("a receiver"));
        assert_eq!(outcomes.next().await, Some(Outcome { input: 1, result: Err(()) }));
        let read = || reports.try_iter().map(|it| (it.done, it.failed, it.running)).collect::<Vec<_>>();
        assert_eq!(read(), [(0, 0, 1), (0, 0, 2), (1, 1, 1)], "progress is reported before the result");
        while outcomes.next().await.is_some() {}
        assert_eq!(read(), [(1, 1, 2), (2, 1, 1), (3, 1, 0)]);
    }
}
