//! Typed operations against the fake GitLab, as a program uses them.

use glabflow::contract::Null;
use glabflow::{Client, Token, fanout};
use glabflow_fake::{Fake, READ_ONLY_TOKEN, USER_TOKEN};

async fn fake() -> (Fake, Client) {
    let fake = Fake::builder().start().await.expect("a server");
    let gl = client(&fake, fake.admin_token());
    (fake, gl)
}

fn client(fake: &Fake, token: &str) -> Client {
    Client::builder(fake.url()).token(Token::personal(token)).build().expect("a client")
}

#[tokio::test]
async fn project_is_created_read_updated_and_deleted() {
    let (_fake, gl) = fake().await;
    let made = gl.projects().create().name("A new one").description("first").send().await.expect("created");
    assert_eq!(made.status(), 201);
    let (id, path) = (made.id.expect("an id"), made.path_with_namespace.clone().expect("a path"));

    let found = gl.projects().get(path.as_str()).send().await.expect("found");
    assert_eq!((found.id, found.description.as_deref()), (Some(id), Some("first")));
    assert!(found.request_id().is_some());

    gl.projects().update(id).description(Null).send().await.expect("updated");
    let found = gl.projects().get(id).send().await.expect("found");
    assert_eq!(found.description.as_deref().unwrap_or_default(), "");

    gl.projects().delete(id).send().await.expect("deleted");
}

#[tokio::test]
async fn missing_permissions_have_their_own_error_kinds() {
    let (fake, gl) = fake().await;
    let error = gl.projects().get("no/such").send().await.expect_err("an error");
    assert!(error.is_not_found());
    assert_eq!(error.operation(), Some("get_project"));

    let error = client(&fake, "glpat-wrong").users().get_current().send().await.expect_err("an error");
    assert!(error.is_unauthorized());

    let project = gl.projects().list().send().await.expect("projects").first().and_then(|project| project.id);
    let project = project.expect("an id");
    let error = client(&fake, READ_ONLY_TOKEN).projects().update(project).name("x").send().await.expect_err("an error");
    assert!(error.is_forbidden(), "{error}");
    assert!(client(&fake, USER_TOKEN).users().get_current().send().await.is_ok());
}

#[tokio::test]
async fn job_trace_is_streamed() {
    let (_fake, gl) = fake().await;
    let mut projects = gl.projects().list().items();
    while let Some(project) = projects.next().await {
        let project = project.expect("a project").id.expect("an id");
        let mut jobs = gl.jobs().list_for_project(project).items().limit(1);
        if let Some(job) = jobs.next().await {
            let job = job.expect("a job").id.expect("an id");
            let trace = gl.jobs().get_trace(project, job).send().await.expect("a trace");
            assert_eq!(trace.status(), 200);
            assert!(!trace.text().await.expect("text").is_empty());
            return;
        }
    }
    panic!("no project has a job");
}

#[tokio::test]
async fn fanout_returns_results_with_their_inputs() {
    let (fake, gl) = fake().await;
    let mut outcomes = fanout(1..=50_i64, 10, |id| {
        let gl = gl.clone();
        async move { gl.users().get(id).send().await }
    });
    let mut count = 0;
    while let Some(outcome) = outcomes.next().await {
        assert_eq!(outcome.result.expect("a user").id, Some(outcome.input));
        count += 1;
    }
    assert_eq!(count, 50);
    assert!(fake.requests().most_at_once <= 10);
}

#[tokio::test]
async fn server_below_a_sub_path_works() {
    let fake = Fake::builder().users(120).relative_url_root("/git/lab").start().await.expect("a server");
    let gl = client(&fake, fake.admin_token());
    assert!(gl.url().ends_with("/git/lab/api/v4"));
    assert_eq!(gl.users().list().items().try_collect().await.expect("users").len(), 120);
}

#[cfg(feature = "markdown")]
#[tokio::test]
async fn file_is_uploaded_from_disk() {
    use glabflow::contract::Upload;
    let (_fake, gl) = fake().await;
    let path = std::env::temp_dir().join(format!("glabflow-upload-{}.txt", std::process::id()));
    std::fs::write(&path, vec![b'x'; 200_000]).expect("a file");
    let sent = gl.markdown().upload_file_for_project(1, Upload::path(&path)).send().await.expect("an upload");
    std::fs::remove_file(&path).expect("the file is there");
    assert!(sent.markdown.as_deref().is_some_and(|text| text.contains("glabflow-upload-")));
}

#[cfg(feature = "blocking")]
mod blocking {
    use glabflow::{Client, Token};
    use glabflow_fake::Fake;

    #[test]
    fn blocking_client_makes_the_same_calls() {
        let fake = Fake::builder().users(250).start_blocking().expect("a server");
        let builder = Client::builder(fake.url()).token(Token::personal(fake.admin_token()));
        let gl = builder.build_blocking().expect("a client");
        assert_eq!(gl.users().get_current().send().expect("a user").username.as_deref(), Some("root"));
        let ids: Result<Vec<_>, _> = gl.users().list().items().map(|user| user.map(|user| user.id)).collect();
        assert_eq!(ids.expect("users").len(), 250);
        assert_eq!(gl.users().list().pages().count(), 3);
        assert_eq!(gl.users().list().items().limit(7).count(), 7);
        let version = gl.get("version").send::<serde_json::Value>().expect("a version");
        assert!(version["version"].is_string());
        assert!(gl.projects().get("no/such").send().expect_err("an error").is_not_found());
    }

    #[test]
    fn blocking_client_has_raw_writes_and_runs_other_futures_and_streams() {
        let fake = Fake::builder().users(250).start_blocking().expect("a server");
        let builder = Client::builder(fake.url()).token(Token::personal(fake.admin_token()));
        let gl = builder.build_blocking().expect("a client");
        gl.preconnect(1).expect("a connection");
        assert!(gl.concurrency() > 0);
        assert!(gl.delete("users/999999999").bytes().expect_err("no such user").is_not_found());
        let user = gl.wait(gl.asynchronous().users().get_current().send()).expect("a user");
        assert_eq!(user.username.as_deref(), Some("root"));
        let users = gl.iter(gl.asynchronous().users().list().items().limit(3));
        assert_eq!(users.filter(|user| user.is_ok()).count(), 3);
        assert_eq!(gl.budget(), gl.asynchronous().budget());
    }

    #[tokio::test]
    async fn blocking_calls_in_async_code_fail_without_a_panic() {
        let fake = Fake::builder().start().await.expect("a server");
        let gl = Client::builder(fake.url()).build_blocking().expect("a client");
        assert!(gl.get("version").bytes().is_err());
        let mut items = gl.users().list().items();
        assert!(items.next().is_some_and(|item| item.is_err()));
        assert!(items.next().is_none());
    }
}
