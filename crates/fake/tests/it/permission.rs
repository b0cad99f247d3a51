//! Tokens and permissions.

use crate::Session;
use glabflow_fake::{Fake, JOB_TOKEN, READ_ONLY_TOKEN, Scope, USER_TOKEN};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn tokens_are_accepted_where_gitlab_accepts_them() {
    let session = Session::start(Fake::builder().token("glpat-mine", 5, Scope::Api)).await;
    let user = async |header: &str, value: &str| {
        let reply = session.client.get(session.url("/user")).header(header, value).send().await.unwrap();
        let status = reply.status().as_u16();
        (status, reply.json::<serde_json::Value>().await.unwrap()["id"].as_u64())
    };
    assert_eq!(user("PRIVATE-TOKEN", "glpat-demo").await, (200, Some(1)));
    assert_eq!(user("Authorization", "Bearer glpat-demo").await, (200, Some(1)));
    assert_eq!(user("Authorization", "bearer glpat-mine").await, (200, Some(5)));
    assert_eq!(user("JOB-TOKEN", JOB_TOKEN).await, (200, Some(2)));
    assert_eq!(user("PRIVATE-TOKEN", "glpat-wrong").await, (401, None));
    assert_eq!(session.get_as(None, "/user?private_token=glpat-demo").await.status, 200);
    let nobody = session.get_as(None, "/user").await;
    assert_eq!((nobody.status, nobody.body), (401, json!({"message": "401 Unauthorized"})));
}

#[tokio::test]
async fn read_only_token_cannot_change_anything() {
    let session = Session::start(Fake::builder()).await;
    assert_eq!(session.get_as(Some(READ_ONLY_TOKEN), "/audit_events").await.status, 200);
    let rejected = session.send(Method::POST, "/projects", Some(READ_ONLY_TOKEN), Some(json!({"name": "x"}))).await;
    assert_eq!((rejected.status, &rejected.body["error"]), (403, &"insufficient_scope".into()));
    assert_eq!(session.walk("/projects?per_page=100").await.len(), 200);
}

#[tokio::test]
async fn private_projects_are_hidden_from_others() {
    let session = Session::start(Fake::builder()).await;
    let of = async |visibility: &str| session.walk(&format!("/projects?visibility={visibility}&per_page=100")).await;
    let (private, internal, public) = (of("private").await, of("internal").await, of("public").await);
    let mine = session.get_as(Some(USER_TOKEN), "/projects?membership=true&per_page=100").await.ids();
    let foreign = *private.iter().find(|id| !mine.contains(id)).expect("a private project of others");
    for (token, id, status) in [
        (Some(USER_TOKEN), foreign, 404),
        (Some(USER_TOKEN), internal[0], 200),
        (None, internal[0], 404),
        (None, public[0], 200),
        (Some("glpat-demo"), foreign, 200),
    ] {
        let reply = session.get_as(token, &format!("/projects/{id}/issues")).await;
        assert_eq!(reply.status, status, "{token:?} {id}");
        if status == 404 {
            assert_eq!(reply.body, json!({"message": "404 Project Not Found"}));
        }
    }
    let seen = session.get_as(None, "/projects?per_page=100").await.ids();
    assert_eq!(seen.len(), public.len());
    let private_of_mine = mine.iter().find(|id| private.contains(id)).expect("a private project of the plain user");
    assert_eq!(session.get_as(Some(USER_TOKEN), &format!("/projects/{private_of_mine}")).await.status, 200);
}

#[tokio::test]
async fn some_fields_are_for_administrators_only() {
    let session = Session::start(Fake::builder()).await;
    let all = session.get("/users/7").await.body;
    let few = session.get_as(Some(USER_TOKEN), "/users/7").await.body;
    assert!(all["email"].is_string() && all.as_object().unwrap().len() > 50);
    assert!(few["email"].is_null() && few["username"] == all["username"]);
    assert!(session.get_as(Some(USER_TOKEN), "/users").await.body[0]["email"].is_null());
    for path in ["/audit_events", "/application/settings", "/hooks", "/runners/all"] {
        let rejected = session.get_as(Some(USER_TOKEN), path).await;
        assert_eq!((rejected.status, rejected.body), (403, json!({"message": "403 Forbidden"})), "{path}");
        assert_eq!(session.get_as(None, path).await.status, 401, "{path}");
        assert_eq!(session.get(path).await.status, 200, "{path}");
    }
    let rejected = session.send(Method::DELETE, "/users/9", Some(USER_TOKEN), None).await;
    assert_eq!(rejected.status, 403);
}

#[tokio::test]
async fn access_levels_limit_changes() {
    let session = Session::start(Fake::builder()).await;
    let level = async |id: u64| session.get(&format!("/projects/{id}/members/2")).await.body["access_level"].as_u64();
    let mine = session.get_as(Some(USER_TOKEN), "/projects?membership=true&per_page=100").await.ids();
    let (mut developer, mut maintainer) = (None, None);
    for id in mine {
        match level(id).await {
            Some(30) => developer = developer.or(Some(id)),
            Some(40) => maintainer = maintainer.or(Some(id)),
            _ => {}
        }
    }
    let hooks = async |id: u64| session.get_as(Some(USER_TOKEN), &format!("/projects/{id}/hooks")).await.status;
    assert_eq!((hooks(developer.unwrap()).await, hooks(maintainer.unwrap()).await), (403, 200));
    let label = Some(json!({"name": "mine", "color": "#fff"}));
    let path = format!("/projects/{}/labels", developer.unwrap());
    assert_eq!(session.send(Method::POST, &path, Some(USER_TOKEN), label).await.status, 201);
    let path = format!("/projects/{}", maintainer.unwrap());
    assert_eq!(session.send(Method::DELETE, &path, Some(USER_TOKEN), None).await.status, 403);
}

#[tokio::test]
async fn administrators_can_use_sudo() {
    let session = Session::start(Fake::builder()).await;
    assert_eq!(session.get("/user?sudo=demo").await.body["id"], 2);
    assert_eq!(session.get("/user?sudo=7").await.body["id"], 7);
    let unknown = session.get("/user?sudo=nobody").await;
    let text = "404 User with ID or username 'nobody' Not Found";
    assert_eq!((unknown.status, &unknown.body["message"]), (404, &text.into()));
    assert_eq!(session.get_as(Some(USER_TOKEN), "/user?sudo=1").await.status, 403);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_errors() {
    let session = Session::start(Fake::builder()).await;
    let unknown = session.get("/users/1/unicorns").await;
    assert_eq!((unknown.status, unknown.body), (404, json!({"error": "404 Not Found"})));
    let method = session.send(Method::PATCH, "/users", Some("glpat-demo"), None).await;
    assert_eq!((method.status, method.body), (405, json!({"error": "405 Not Allowed"})));
    assert!(method.headers["allow"].contains("GET"));
    let missing = session.get("/projects/1/issues/9999").await;
    assert_eq!((missing.status, missing.body), (404, json!({"message": "404 Issue Not Found"})));
    #[cfg(not(feature = "graphql"))]
    {
        let graphql = session.client.post(format!("{}/api/graphql", session.fake.url())).send().await.unwrap();
        assert_eq!(graphql.status(), 404);
    }
}

#[tokio::test]
async fn a_relative_url_root_works() {
    let session = Session::start(Fake::builder().relative_url_root("/gitlab/")).await;
    assert!(session.fake.url().ends_with("/gitlab"));
    let page = session.get("/users?per_page=1").await;
    assert!(page.link("next").unwrap().starts_with(&session.url("/users?")));
    let outside = session.fake.url().trim_end_matches("/gitlab").to_owned() + "/api/v4/version";
    assert_eq!(session.get(&outside).await.status, 404);
    assert!(page.body[0]["web_url"].as_str().unwrap().starts_with(&session.fake.url()));
}
