//! A running server.

use crate::builder::Builder;
use crate::fault::Fault;
use crate::identity::{ADMIN_TOKEN, Identity, READ_ONLY_TOKEN, Scope, USER_TOKEN};
use crate::log::Requests;
use crate::script::Scripted;
use crate::server::Server;
use crate::wire;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

impl Builder {
    /// Starts the server in the current tokio runtime.
    ///
    /// # Errors
    /// If the port is in use.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn start(self) -> io::Result<Fake> {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let server = self.server(address);
        let task = tokio::spawn(wire::accept(listener, server.clone()));
        Ok(Fake { server, address, stop: Stop::Task(task.abort_handle()) })
    }

    /// Starts the server in its own thread, for programs without a tokio runtime or with a busy one.
    ///
    /// # Errors
    /// If the port is in use, or threads cannot be started.
    pub fn start_blocking(self) -> io::Result<Fake> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(self.threads).enable_all().build()?;
        let server = self.server(address);
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = server.clone();
        let thread = std::thread::Builder::new().name("glabflow-fake".into()).spawn(move || {
            let accept = runtime.spawn(async move {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    wire::accept(listener, serving).await;
                }
            });
            // The sender sends nothing; that it is dropped is the signal.
            let _ = stopped.blocking_recv();
            accept.abort();
            // The port is free after the end of the task. That it was aborted is no error.
            let _ = runtime.block_on(accept);
            runtime.shutdown_background();
        })?;
        Ok(Fake { server, address, stop: Stop::Thread(Some((stop, thread))) })
    }
}

/// A running fake GitLab. It stops when this is dropped.
pub struct Fake {
    server: Arc<Server>,
    address: SocketAddr,
    stop: Stop,
}

enum Stop {
    Task(AbortHandle),
    Thread(Option<(oneshot::Sender<()>, JoinHandle<()>)>),
}

impl Fake {
    /// Sets up a server.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address of the instance, `http://127.0.0.1:PORT` with the relative root if there is one.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.server.root)
    }

    /// The address of the socket.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token of the administrator.
    pub fn admin_token(&self) -> &'static str {
        ADMIN_TOKEN
    }

    /// The administrator's read-only token.
    pub fn read_only_token(&self) -> &'static str {
        READ_ONLY_TOKEN
    }

    /// The token of a plain user.
    pub fn user_token(&self) -> &'static str {
        USER_TOKEN
    }

    /// Makes certain requests fail from now on, like [`Builder::fail_on`].
    pub fn fail_on(&self, what: impl Into<String>, skip: u64, times: u64, fault: Fault) {
        self.server.faults.script().push(Scripted { what: what.into(), skip, times, fault });
    }

    /// Removes all scripted faults. Random faults continue.
    pub fn stop_failing(&self) {
        self.server.faults.script().clear();
    }

    /// Accepts another token from now on, for the user with this id.
    pub fn add_token(&self, token: impl Into<String>, user_id: u64, scope: Scope) {
        self.server.tokens.add(token.into(), Identity::of(user_id, scope));
    }

    /// The counters so far.
    pub fn requests(&self) -> Requests {
        self.server.log.requests()
    }

    /// Resets all counters and clears the log.
    pub fn forget_requests(&self) {
        self.server.log.clear();
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").field("url", &self.url()).finish_non_exhaustive()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        match &mut self.stop {
            Stop::Task(task) => task.abort(),
            Stop::Thread(thread) => {
                if let Some((stop, thread)) = thread.take() {
                    drop(stop);
                    // A server that panicked has nothing left to stop.
                    let _ = thread.join();
                }
            }
        }
    }
}
