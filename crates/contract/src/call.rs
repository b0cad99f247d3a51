//! Requests under construction, and the callers that run them.

use crate::argument::{Arg, IntoArg};
use crate::decode::Decode;
use crate::descriptor::{Descriptor, Location};
use std::fmt;

/// A request: an operation's descriptor and the arguments that were set.
///
/// Typed code builds it with an operation's setters, dynamic code with [`Request::set_named`]. [`Request::encode`]
/// converts it to method, path, query and body.
#[derive(Clone)]
pub struct Request {
    descriptor: &'static Descriptor,
    pub(crate) args: Vec<(u16, Arg)>,
}

impl Request {
    /// A request of an operation, with no argument set.
    pub fn new(descriptor: &'static Descriptor) -> Self {
        Request { descriptor, args: Vec::new() }
    }

    /// The operation.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    /// Sets the parameter at a position of the descriptor; the last value wins.
    ///
    /// # Panics
    /// If the descriptor has no parameter at that position. Generated code never causes this.
    pub fn set(&mut self, position: u16, value: Arg) {
        assert!(
            usize::from(position) < self.descriptor.params.len(),
            "{} has no parameter {position}",
            self.descriptor.id
        );
        match self.args.iter_mut().find(|(at, _)| *at == position) {
            Some((_, old)) => *old = value,
            None => self.args.push((position, value)),
        }
    }

    /// Sets a parameter by the name it has on the wire; `false` when the operation has no such parameter.
    pub fn set_named(&mut self, name: &str, location: Location, value: impl IntoArg) -> bool {
        match self.descriptor.position(name, location) {
            Some(position) => {
                self.set(position, value.into_arg());
                true
            }
            None => false,
        }
    }

    /// The value that was set for a parameter, by the name it has on the wire.
    pub fn get(&self, name: &str, location: Location) -> Option<&Arg> {
        let position = self.descriptor.position(name, location)?;
        self.args.iter().find(|(at, _)| *at == position).map(|(_, value)| value)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(self.descriptor.id);
        for (position, value) in &self.args {
            out.field(self.descriptor.params[usize::from(*position)].name, value);
        }
        out.finish()
    }
}

/// A typed operation with its arguments.
///
/// Every generated operation implements it, bound to a caller or not.
pub trait Operation: Sized {
    /// The type that a successful response decodes to.
    type Output;

    /// What the operation is.
    const DESCRIPTOR: &'static Descriptor;

    /// The operation's id in the schema. It is the same in every artefact.
    const OPERATION_ID: &'static str = Self::DESCRIPTOR.id;

    /// The request with all arguments that were set.
    fn into_request(self) -> Request;
}

/// Runs requests: the asynchronous client, the blocking client, or a recorder in a test.
///
/// The associated types let all callers share one set of typed operations: a blocking client returns results and
/// iterators, an asynchronous client returns futures and streams.
pub trait Caller: Clone {
    /// The result of sending: a future of a response, or the response.
    type Response<T: Decode>;
    /// The result of downloading a file.
    type Download;
    /// Pages of a list, one by one.
    type Pages<T: Decode>;
    /// Items of a list, one by one, through all of its pages.
    type Items<T: Decode>;

    /// Sends a request and decodes the response.
    fn send<T: Decode>(&self, request: Request) -> Self::Response<T>;
    /// Sends a request whose response is a file.
    fn download(&self, request: Request) -> Self::Download;
    /// Reads a list page by page.
    fn pages<T: Decode>(&self, request: Request) -> Self::Pages<T>;
    /// Reads a list item by item.
    fn items<T: Decode>(&self, request: Request) -> Self::Items<T>;
}

/// The absence of a [`Caller`]: an operation that is built without a client, to be inspected or sent later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unbound;

/// A request and its caller. Every generated operation wraps one.
#[derive(Clone)]
pub struct Call<C> {
    caller: C,
    request: Request,
}

impl<C> Call<C> {
    /// A call of an operation, with no argument set.
    pub fn new(caller: C, descriptor: &'static Descriptor) -> Self {
        Call { caller, request: Request::new(descriptor) }
    }

    /// The same call with the parameter at a position set.
    #[must_use]
    pub fn with(mut self, position: u16, value: impl IntoArg) -> Self {
        self.request.set(position, value.into_arg());
        self
    }

    /// The request without its caller.
    pub fn into_request(self) -> Request {
        self.request
    }
}

impl<C: Caller> Call<C> {
    /// Sends the request.
    pub fn send<T: Decode>(self) -> C::Response<T> {
        self.caller.send(self.request)
    }

    /// Sends the request and returns the response as a stream of bytes.
    pub fn download(self) -> C::Download {
        self.caller.download(self.request)
    }

    /// Reads a list page by page.
    pub fn pages<T: Decode>(self) -> C::Pages<T> {
        self.caller.pages(self.request)
    }

    /// Reads a list item by item.
    pub fn items<T: Decode>(self) -> C::Items<T> {
        self.caller.items(self.request)
    }
}

impl<C> fmt::Debug for Call<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}
