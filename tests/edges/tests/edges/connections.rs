//! Connections that go away while they are not in use, or are about to be.

use crate::support::builder;
use glabflow::Client;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// When the server ends a connection that it said it would keep.
#[derive(Debug, Clone, Copy)]
enum End {
    /// As soon as the first answer is out: the client may or may not have noticed before it sends the next request.
    AfterAnswer,
    /// When the second request has been read, without an answer to it: the client cannot know what became of it.
    InsteadOfSecondAnswer,
    /// A moment after the first answer, which is when the client is sending the next request.
    AfterAMoment,
}

/// How often each request was carried out, by method and target.
type Done = Arc<Mutex<HashMap<String, usize>>>;

async fn server(end: End) -> (String, Done, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let done = Done::default();
    let log = Arc::clone(&done);
    let task = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let log = Arc::clone(&log);
            connections.spawn(async move {
                // A client may close its end at any time.
                let _ = serve(stream, end, &log).await;
            });
        }
    });
    (url, done, task)
}

async fn serve(stream: TcpStream, end: End, done: &Done) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut answered = 0;
    while let Some(request) = request(&mut stream).await? {
        *done.lock().expect("no test panicked while it held the lock").entry(request).or_default() += 1;
        if answered == 1 && matches!(end, End::InsteadOfSecondAnswer) {
            return Ok(());
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}";
        stream.get_mut().write_all(answer).await?;
        answered += 1;
        match end {
            End::AfterAnswer => return Ok(()),
            End::AfterAMoment => {
                tokio::time::sleep(Duration::from_micros(200)).await;
                return Ok(());
            }
            End::InsteadOfSecondAnswer => {}
        }
    }
    Ok(())
}

/// Method and target of the next request, whose body has been read.
async fn request(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut first = String::new();
    if stream.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(first.trim_end_matches(" HTTP/1.1\r\n").to_owned()))
}

fn client(url: String) -> Client {
    builder(url).concurrency(4).build().expect("a client")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_read_is_lost() {
    for end in [End::AfterAnswer, End::InsteadOfSecondAnswer, End::AfterAMoment] {
        let (url, done, task) = server(end).await;
        let gl = client(url);
        for number in 0..200 {
            let answer = gl.get(&format!("n/{number}")).send::<Value>().await;
            assert!(answer.is_ok(), "{end:?}, {number}: {answer:?}");
        }
        let done = done.lock().expect("no test panicked while it held the lock");
        assert!((0..200).all(|number| done.contains_key(&format!("GET /api/v4/n/{number}"))), "{end:?}");
        task.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_change_is_made_twice_or_lost_unnoticed() {
    for end in [End::AfterAnswer, End::InsteadOfSecondAnswer, End::AfterAMoment] {
        let (url, done, task) = server(end).await;
        let gl = client(url);
        let mut unknown = 0;
        for number in 0..201 {
            let answer = gl.post(&format!("n/{number}")).json(&number).send::<Value>().await;
            let times = done
                .lock()
                .expect("no test panicked while it held the lock")
                .get(&format!("POST /api/v4/n/{number}"))
                .copied()
                .unwrap_or_default();
            match answer {
                Ok(_) => assert_eq!(times, 1, "{end:?}, {number}"),
                Err(error) => {
                    assert!(error.is_outcome_unknown() && error.attempts() == 1, "{end:?}, {number}: {error}");
                    assert!(times <= 1, "{end:?}, {number}: {times} times");
                    unknown += 1;
                }
            }
        }
        // Every second request of a connection is read and not answered: there the client must not be sure of anything.
        if matches!(end, End::InsteadOfSecondAnswer) {
            // Nearly: a connection that is late to come back is used for its second request later.
            assert!((98..=100).contains(&unknown), "{unknown}");
        }
        task.abort();
    }
}
