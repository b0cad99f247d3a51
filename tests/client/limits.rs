//! Rate limits, concurrency and the circuit, over real sockets. Time is the tests' own: it passes when everything waits.

use crate::support::{Closed, Reply, Server, json};
use futures_util::future::join_all;
use glabflow::{
    CircuitBreaker, Client, ClientBuilder, Clock, Concurrency, ErrorKind, Event, EventKind, RateLimits, RetryPolicy,
    SkippingClock, Sleep, Token,
};
use glabflow_fake::{Fake, RateLimit};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;

/// When tests begin: 20 seconds into a minute, and 2,000 seconds into an hour.
const BEGIN: u64 = 1_700_000_000 / 3600 * 3600 + 2000;

/// Time that passes only when no request is under way and somebody sleeps: then it is the first sleeper's time.
#[derive(Clone)]
struct Idle(Arc<State>);

struct State {
    start: Instant,
    passed: Mutex<Duration>,
    sleepers: Mutex<Vec<(Duration, oneshot::Sender<()>)>>,
    /// Requests under way, and all that have begun or ended.
    under_way: AtomicUsize,
    steps: AtomicUsize,
    /// The fake's clock, which shows the same time.
    fake: glabflow_fake::Clock,
    /// Whether time stands still whatever happens.
    is_held: AtomicBool,
}

impl Idle {
    fn new() -> Self {
        let idle = Idle(Arc::new(State {
            start: Instant::now(),
            passed: Mutex::default(),
            sleepers: Mutex::default(),
            under_way: AtomicUsize::new(0),
            steps: AtomicUsize::new(0),
            fake: glabflow_fake::Clock::manual(BEGIN),
            is_held: AtomicBool::new(false),
        }));
        tokio::spawn(idle.clone().pass());
        idle
    }

    /// Moves the time on whenever there has been nothing to do for a while.
    async fn pass(self) {
        let state = &self.0;
        let (mut seen, mut quiet) = (0, 0);
        loop {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let steps = state.steps.load(SeqCst);
            let is_busy = steps != seen || state.under_way.load(SeqCst) > 0 || state.is_held.load(SeqCst);
            quiet = if is_busy { 0 } else { quiet + 1 };
            seen = steps;
            if quiet >= 4 {
                quiet = 0;
                self.wake();
            }
        }
    }

    fn wake(&self) {
        let state = &self.0;
        let mut sleepers = state.sleepers.lock().unwrap();
        sleepers.retain(|(_, wake)| !wake.is_closed());
        let Some(time) = sleepers.iter().map(|(time, _)| *time).min() else { return };
        let mut passed = state.passed.lock().unwrap();
        state.fake.advance(time.saturating_sub(*passed));
        *passed = time.max(*passed);
        for (_, wake) in sleepers.extract_if(.., |(until, _)| *until <= time) {
            // Who does not sleep any more need not be woken.
            let _ = wake.send(());
        }
    }

    /// Lets time stand still, or pass again.
    fn hold(&self, held: bool) {
        self.0.is_held.store(held, SeqCst);
    }

    fn passed(&self) -> Duration {
        *self.0.passed.lock().unwrap()
    }

    fn client(&self, fake: &Fake, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        let state = Arc::clone(&self.0);
        let observer = move |event: &Event<'_>| {
            match event.kind {
                EventKind::Started => state.under_way.fetch_add(1, SeqCst),
                EventKind::Finished { .. } | EventKind::Failed { .. } => state.under_way.fetch_sub(1, SeqCst),
                _ => 0,
            };
            state.steps.fetch_add(1, SeqCst);
        };
        let builder = Client::builder(fake.url()).token(Token::personal(fake.admin_token()));
        change(builder.clock(self.clone()).observer(observer)).build().expect("a client")
    }
}

impl Clock for Idle {
    fn now(&self) -> Instant {
        self.0.start + self.passed()
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(BEGIN) + self.passed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        // As a real clock, it knows milliseconds.
        let until = Duration::from_millis((self.passed() + duration).as_millis() as u64 + 1);
        let (wake, woken) = oneshot::channel();
        self.0.sleepers.lock().unwrap().push((until, wake));
        Box::pin(async move {
            // The clock ends with the test.
            let _ = woken.await;
        })
    }

    fn random(&self) -> f64 {
        0.5
    }
}

async fn fake(idle: &Idle, limits: impl IntoIterator<Item = RateLimit>) -> Fake {
    let builder = Fake::builder().users(50).projects(5).clock(idle.0.fake.clone());
    limits.into_iter().fold(builder, glabflow_fake::Builder::limit).start().await.expect("a server")
}

fn api(requests: u64) -> RateLimit {
    RateLimit::per_minute("throttle_authenticated_api", requests)
}

/// Sends requests to a path, all wanted at once.
async fn send(gl: &Client, path: &str, requests: usize) {
    let all = join_all((0..requests).map(|_| gl.get(path).send::<Value>())).await;
    for answer in all {
        answer.expect("an answer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_hundred_requests_with_six_hundred_a_minute() {
    let idle = Idle::new();
    let fake = fake(&idle, [api(600)]).await;
    let gl = idle.client(&fake, |builder| builder);
    send(&gl, "users/1", 1200).await;
    let requests = fake.requests();
    assert_eq!((requests.with_status(429), requests.with_status(200)), (0, 1200));
    // The minute has 40 seconds left: 600 requests fit in before, and 600 after.
    let passed = idle.passed().as_secs_f64();
    assert!((40.0..44.0).contains(&passed), "{passed} s, 40 s is ideal");
    let budget = gl.budget();
    assert_eq!(budget[0].name, "throttle_authenticated_api");
    assert_eq!((budget[0].windows[0].limit, budget[0].windows[0].remaining, budget[0].in_flight), (600, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_s_limit_beside_the_minute_s() {
    let idle = Idle::new();
    let hour = RateLimit::per_hour("throttle_authenticated_api", 250);
    let fake = fake(&idle, [api(100), hour]).await;
    let gl = idle.client(&fake, |builder| {
        builder.retry(RetryPolicy { max_wait: Duration::from_secs(3600), ..RetryPolicy::default() })
    });
    send(&gl, "users/1", 300).await;
    assert_eq!(fake.requests().with_status(429), 0);
    // 100 in each of two minutes, 50 in the third, and the others in the next hour, which is 1,600 seconds away.
    let passed = idle.passed().as_secs_f64();
    assert!((1600.0..1604.0).contains(&passed), "{passed} s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_that_is_too_long_is_an_error_before_anything_is_sent() {
    let idle = Idle::new();
    let fake = fake(&idle, [RateLimit::per_hour("hourly", 3)]).await;
    let gl = idle.client(&fake, |builder| builder);
    send(&gl, "users/1", 3).await;
    let error = gl.get("users/1").send::<Value>().await.expect_err("1,600 seconds are too long");
    assert!(error.is_rate_limited() && error.to_string().contains("`hourly`"), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1600)));
    let quick = gl.get("users/1").timeout(Duration::from_secs(5)).send::<Value>().await.expect_err("so it is");
    assert!(quick.is_rate_limited());
    assert_eq!(fake.requests().total, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_by_itself_holds_nothing_else_back() {
    for search in [
        RateLimit::per_minute("search_rate_limit", 10).on("search"),
        RateLimit::per_minute("", 10).on("search").silent(),
    ] {
        let idle = Idle::new();
        let fake = fake(&idle, [api(10_000), search]).await;
        let gl = idle.client(&fake, |builder| builder.concurrency(Concurrency::fixed(4)));
        send(&gl, "users/1", 1).await;
        send(&gl, "search?scope=projects&search=a", 10).await;
        idle.hold(true);
        let searching = gl.clone();
        let others = tokio::spawn(async move { send(&searching, "search?scope=projects&search=a", 20).await });
        while gl.budget().iter().all(|budget| budget.waiting < 16) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Twenty searches wait, and none of them holds a place that these need.
        let sent = tokio::time::timeout(Duration::from_secs(30), send(&gl, "users/1", 200)).await;
        assert!(sent.is_ok(), "they had to wait");
        others.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_stampede_after_a_pause() {
    let idle = Idle::new();
    let fake = fake(&idle, [api(100).silent()]).await;
    let seen: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let (clock, times) = (idle.clone(), Arc::clone(&seen));
    let gl = idle.client(&fake, |builder| builder.concurrency(Concurrency::fixed(16)));
    let watching = move || times.lock().unwrap().push(clock.passed());
    let all = (0..200).map(|_| {
        let (request, watching) = (gl.get("users/1").send::<Value>(), watching.clone());
        async move {
            request.await.expect("an answer");
            watching();
        }
    });
    join_all(all).await;
    // Each 429 of the first burst counts, then one request at a time asks whether there is room again.
    let refused = fake.requests().with_status(429);
    assert!(refused <= 16 + 10, "{refused} refused");
    assert_eq!(seen.lock().unwrap().len(), 200);
    let passed = idle.passed().as_secs_f64();
    assert!((40.0..90.0).contains(&passed), "{passed} s until the minute after the refusals");
}

#[tokio::test]
async fn clients_with_other_tokens_have_budgets_of_their_own() {
    let refuse_one = |request: &crate::support::Received, _: usize| match request.headers.get("private-token") {
        Some(token) if token == "one" => json(429, "").with("Retry-After", "60"),
        _ => json(200, "1"),
    };
    let (server, elsewhere) = (Server::start(refuse_one).await, Server::script(vec![json(200, "1")]).await);
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.5));
    let client = |server: &Server, token: &str| {
        let builder = Client::builder(server.url()).token(Token::personal(token)).clock(Arc::clone(&clock));
        builder.retry(RetryPolicy::never()).build().expect("a client")
    };
    let one = client(&server, "one");
    one.get("x").send::<Value>().await.expect_err("too many");
    client(&server, "two").get("x").send::<Value>().await.expect("an answer");
    client(&elsewhere, "one").get("x").send::<Value>().await.expect("an answer");
    assert!(clock.slept().is_empty(), "nobody had to wait");
    assert!(one.clone().budget()[0].paused_for.is_some(), "clones share it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_while_waiting_leaves_nothing_behind() {
    let idle = Idle::new();
    let fake = fake(&idle, [api(5)]).await;
    let gl = idle.client(&fake, |builder| builder.concurrency(Concurrency::fixed(2)));
    send(&gl, "users/1", 5).await;
    idle.hold(true);
    let waiting: Vec<_> = (0..20).map(|_| tokio::spawn(gl.get("users/1").send::<Value>())).collect();
    while gl.budget()[0].waiting < 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for task in &waiting {
        task.abort();
    }
    join_all(waiting).await;
    assert_eq!((gl.budget()[0].waiting, gl.budget()[0].in_flight), (0, 0));
    idle.hold(false);
    send(&gl, "users/1", 5).await;
    assert_eq!(fake.requests().with_status(429), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switched_off_limits_are_met_with_repetitions() {
    let idle = Idle::new();
    let fake = fake(&idle, [api(20)]).await;
    let gl = idle.client(&fake, |builder| builder.rate_limits(RateLimits::off()));
    send(&gl, "users/1", 30).await;
    assert!(gl.budget().is_empty() && fake.requests().with_status(429) > 0);
}

#[tokio::test]
async fn waits_are_told_of_with_their_limit() {
    let limited = json(200, "1").with("RateLimit-Remaining", "0").with("RateLimit-Limit", "60");
    let server =
        Server::script(vec![limited.with("RateLimit-Reset", "37").with("RateLimit-Name", "mine"), json(200, "1")])
            .await;
    let waits: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&waits);
    let observer = move |event: &Event<'_>| {
        if let EventKind::Waiting { delay, budget } = &event.kind {
            seen.lock().unwrap().push(format!("{budget} {:?}", delay.map(|delay| delay.as_secs())));
        }
    };
    let clock = SkippingClock::new(UNIX_EPOCH + Duration::from_secs(BEGIN), 0.5);
    let gl = Client::builder(server.url()).clock(clock).observer(observer).build().expect("a client");
    send(&gl, "x", 1).await;
    send(&gl, "x", 1).await;
    assert_eq!(*waits.lock().unwrap(), ["mine Some(37)"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_the_answers_to_others_is_told_of_too() {
    let idle = Idle::new();
    let builder = Fake::builder().users(50).clock(idle.0.fake.clone()).limit(api(3));
    // So long that all requests have begun before the first answer comes.
    let fake = builder.latency(Duration::from_millis(500)).start().await.expect("a server");
    let waits: Arc<Mutex<Vec<Option<Duration>>>> = Arc::default();
    let seen = Arc::clone(&waits);
    let observer = move |event: &Event<'_>| {
        if let EventKind::Waiting { delay, budget } = &event.kind {
            assert_eq!(*budget, "throttle_authenticated_api");
            seen.lock().unwrap().push(*delay);
        }
    };
    let builder = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).clock(idle.clone());
    let gl = builder.observer(observer).build().expect("a client");
    send(&gl, "users/1", 1).await;
    // Two are left: the others wait for the answers to these, and then for the next minute.
    send(&gl, "users/1", 5).await;
    let waits = waits.lock().unwrap();
    assert!(waits.contains(&None), "{waits:?}");
    assert!(waits.iter().flatten().any(|delay| *delay > Duration::from_secs(30)), "{waits:?}");
}

#[tokio::test]
async fn a_server_that_is_down_is_not_asked_until_it_may_be_back() {
    let up = Arc::new(AtomicBool::new(false));
    let is_up = Arc::clone(&up);
    let server = Server::start(move |_, _| if is_up.load(SeqCst) { json(200, "1") } else { json(502, "<html>") }).await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
    let circuit = CircuitBreaker { after: Duration::from_secs(1), ..CircuitBreaker::default() };
    let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).circuit_breaker(circuit);
    let gl = builder.retry(RetryPolicy::never()).build().expect("a client");
    for _ in 0..10 {
        let error = gl.get("x").send::<Value>().await.expect_err("down");
        assert_eq!(error.kind(), ErrorKind::Server);
        clock.advance(Duration::from_millis(200));
    }
    let error = gl.get("x").send::<Value>().await.expect_err("down");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 0));
    assert!(error.is_transient() && error.retry_after() == Some(Duration::from_millis(1800)), "{error}");
    assert_eq!(server.received().len(), 10, "nothing was sent");

    clock.advance(Duration::from_secs(2));
    assert_eq!(gl.get("x").send::<Value>().await.expect_err("down").kind(), ErrorKind::Server);
    assert_eq!(gl.get("x").send::<Value>().await.expect_err("down").kind(), ErrorKind::Unavailable);
    up.store(true, SeqCst);
    clock.advance(Duration::from_secs(4));
    send(&gl, "x", 1).await;
    send(&gl, "x", 3).await;
}

#[tokio::test]
async fn one_broken_endpoint_and_refusals_do_not_open_the_circuit() {
    for status in [400, 401, 404, 429, 500] {
        let server = Server::start(move |_, _| json(status, "")).await;
        let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
        let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).rate_limits(RateLimits::off());
        let gl = builder.retry(RetryPolicy::never()).build().expect("a client");
        for _ in 0..30 {
            let error = gl.get("x").send::<Value>().await.expect_err("refused");
            assert_eq!(error.status(), Some(status));
            clock.advance(Duration::from_secs(1));
        }
    }
}

/// What a server is like that takes connections and answers nothing, as a balancer without a server behind it.
#[tokio::test]
async fn a_server_that_never_answers_is_down_and_one_slow_endpoint_is_not() {
    for reply in [Reply::Hang, Reply::Close] {
        let is_mute = Arc::new(AtomicBool::new(true));
        let mute = Arc::clone(&is_mute);
        let server = Server::start(move |request, _| match mute.load(SeqCst) || request.target.ends_with("slow") {
            true => reply.clone(),
            false => json(200, "{}"),
        })
        .await;
        let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
        // Time that passes on sockets is real.
        let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).read_timeout(Duration::from_millis(100));
        let gl = builder.retry(RetryPolicy::never()).build().expect("a client");
        for _ in 0..10 {
            let error = gl.get("x").send::<Value>().await.expect_err("no answer");
            assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Transport), "{error}");
            clock.advance(Duration::from_millis(1200));
        }
        let error = gl.get("x").send::<Value>().await.expect_err("down");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 0), "{error}");
        // A call may run out of time before the server has read its request.
        assert!(server.received().len() <= 10, "{}", server.received().len());
        is_mute.store(false, SeqCst);
        clock.advance(Duration::from_secs(2));
        for _ in 0..12 {
            // On a busy machine, an answer may take longer than the client waits; it is not down for that.
            let mut answer = gl.get("x").send::<Value>().await;
            for _ in 0..5 {
                match &answer {
                    Err(error) if error.is_timeout() => {
                        // The circuit may have been waiting for this answer.
                        clock.advance(CircuitBreaker::default().max_probe);
                        answer = gl.get("x").send().await;
                    }
                    _ => break,
                }
            }
            answer.expect("an answer");
            let error = gl.get("slow").send::<Value>().await.expect_err("no answer");
            assert_ne!(error.kind(), ErrorKind::Unavailable);
            clock.advance(Duration::from_millis(1200));
        }
    }
}

#[tokio::test]
async fn what_becomes_of_a_file_elsewhere_is_not_put_down_to_the_server() {
    let storage = Server::script(vec![json(429, "").with("Retry-After", "300"), json(503, ""), Reply::Close]).await;
    let to = storage.url();
    let server = Server::start(move |request, _| match request.target.ends_with("file") {
        true => json(302, "").with("Location", format!("{to}/file")),
        false => json(200, "{}"),
    })
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
    let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).retry(RetryPolicy::never());
    let gl = builder.build().expect("a client");
    for _ in 0..30 {
        let error = gl.get("file").download().await.expect_err("no file");
        assert_ne!(error.kind(), ErrorKind::Unavailable, "{error}");
        clock.advance(Duration::from_secs(1));
    }
    assert!(gl.budget().is_empty(), "{:?}", gl.budget());
    send(&gl, "x", 1).await;
    assert_eq!((server.received().len(), storage.received().len()), (31, 30));
}

/// A try that hangs may have the only place.
#[tokio::test]
async fn nobody_waits_for_room_at_a_server_that_is_down() {
    let server = Server::start(|_, count| if count < 10 { Reply::Close } else { Reply::Hang }).await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
    let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).retry(RetryPolicy::never());
    let gl = builder.concurrency(Concurrency::fixed(1)).build().expect("a client");
    for _ in 0..10 {
        gl.get("x").send::<Value>().await.expect_err("no answer");
        clock.advance(Duration::from_millis(1200));
    }
    clock.advance(Duration::from_secs(2));
    let probe = tokio::spawn(gl.get("x").send::<Value>());
    server.wait_for(11).await;
    let error = gl.get("x").send::<Value>().await.expect_err("down");
    assert_eq!((error.kind(), server.received().len()), (ErrorKind::Unavailable, 11), "{error}");
    probe.abort();
}

#[tokio::test]
async fn what_a_file_is_written_into_may_be_a_request_of_the_same_client() {
    let server = Server::start(|_, _| json(200, "[1]")).await;
    let builder = Client::builder(server.url()).concurrency(Concurrency::fixed(1));
    let gl = builder.build().expect("a client");
    let mut file = gl.get("file").download().await.expect("a file");
    let sent = gl.post("copy").json(&[1]).send::<Value>().await.expect("there is room");
    assert_eq!(sent.into_inner(), serde_json::json!([1]));
    assert_eq!(file.next().await.expect("bytes").expect("bytes"), "[1]");
}

#[tokio::test]
async fn calls_that_run_out_of_time_are_a_sign_of_load() {
    let server = Server::script(vec![Reply::Hang]).await;
    let gl = Client::builder(server.url()).timeout(Duration::from_millis(50)).build().expect("a client");
    assert_eq!(gl.concurrency(), 16);
    let all = join_all((0..16).map(|_| gl.get("x").send::<Value>())).await;
    assert!(all.into_iter().all(|answer| answer.expect_err("too late").is_timeout()));
    assert!(gl.concurrency() < 16, "{}", gl.concurrency());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_opened_ahead_without_a_token() {
    let fake = Fake::builder().users(5).latency(Duration::from_millis(20)).start().await.expect("a server");
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build().expect("a client");
    gl.preconnect(5).await.expect("connections");
    let requests = fake.requests();
    assert_eq!((requests.connections, requests.total), (5, 5));
    assert!(requests.log.iter().all(|seen| seen.token.is_none() && seen.path == "/robots.txt"));
    // The connections go back to the others in tasks of their own, which get their turn meanwhile.
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    send(&gl, "users/1", 5).await;
    // A connection may be on its way back to the others when the first request looks.
    assert!(fake.requests().connections <= 7, "they are used");

    let closed = Closed::new();
    let gl = Client::builder(closed.url()).build().expect("a client");
    assert!(gl.preconnect(2).await.is_err());
}

#[tokio::test]
async fn a_call_may_have_a_time_of_its_own() {
    let server = Server::script(vec![Reply::Hang]).await;
    let gl = Client::builder(server.url()).build().expect("a client");
    let soon = Duration::from_millis(5);
    assert!(gl.get("x").send::<Value>().timeout(soon).await.expect_err("too late").is_timeout());
    assert!(gl.get("x").timeout(soon).send::<Value>().await.expect_err("too late").is_timeout());
    let page = gl.get("x").items::<Value>().timeout(soon).next().await.expect("an error");
    assert!(page.expect_err("too late").is_timeout());
    assert!(gl.get("x").download().timeout(soon).await.expect_err("too late").is_timeout());
    let archive = gl.repositories().get_archive(1).send().timeout(soon).await;
    assert!(archive.expect_err("too late").is_timeout());
}

#[tokio::test]
async fn the_number_of_requests_at_once_is_the_caller_s_to_bound() {
    assert_eq!(Client::for_gitlab_com("glpat-x").expect("a client").concurrency(), 20);
    let with = |concurrency: Concurrency| {
        Client::builder("https://h.example").concurrency(concurrency).build().expect("a client").concurrency()
    };
    assert_eq!([with(8.into()), with(Concurrency::fixed(100)), with(Concurrency::default())], [8, 100, 16]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saturated_server_gets_as_many_requests_as_it_carries_out() {
    let fake = Fake::builder().users(5).capacity(4, Duration::from_millis(20), 8).start().await.expect("a server");
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build().expect("a client");
    assert_eq!(gl.concurrency(), 16);
    send(&gl, "users/1", 600).await;
    // Four are carried out and eight wait: more than twelve at once are turned away.
    assert!((2..=13).contains(&gl.concurrency()), "{}", gl.concurrency());
    assert!(fake.requests().with_status(503) < 120, "{}", fake.requests().with_status(503));
}
