//! Creating, changing and removing things, and reading the changes.

use crate::Session;
use glabflow_fake::{Clock, Fake};
use serde_json::{Value, json};

#[tokio::test]
async fn a_project_is_created_changed_and_removed() {
    let session = Session::start(Fake::builder().clock(Clock::manual(1_800_000_000))).await;
    let made =
        session.post("/projects", json!({"name": "New Thing", "namespace_id": 2, "visibility": "internal"})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (id, path) = (made.body["id"].as_u64().unwrap(), made.body["path_with_namespace"].as_str().unwrap());
    assert_eq!((id, path), (201, "acme/engineering/new-thing"));
    assert_eq!(made.body["created_at"], "2027-01-15T08:00:00.000Z");
    assert_eq!(made.body["visibility"], "internal");
    assert_eq!(session.get("/projects/acme%2Fengineering%2Fnew-thing").await.body["id"], id);
    assert_eq!(session.get("/projects?per_page=1").await.ids(), [id]);
    assert_eq!(session.get("/projects?per_page=1").await.header("x-total"), Some("201"));
    assert_eq!(session.walk("/groups/2/projects?per_page=100").await[0], id);
    assert_eq!(session.get(&format!("/projects/{id}/issues")).await.body, json!([]));
    assert_eq!(session.get(&format!("/projects/{id}/members/1")).await.body["access_level"], 50);

    let changed = session.put(&format!("/projects/{id}"), json!({"path": "newer", "description": "Better"})).await;
    assert_eq!((changed.status, &changed.body["path_with_namespace"]), (200, &"acme/engineering/newer".into()));
    let no_follow = crate::client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = no_follow.get(session.url("/projects/acme%2Fengineering%2Fnew-thing/issues?state=all"));
    let moved = request.header("PRIVATE-TOKEN", "glpat-demo").send().await.unwrap();
    let to = session.url(&format!("/projects/{id}/issues?state=all"));
    assert_eq!((moved.status().as_u16(), moved.headers()["location"].to_str().unwrap()), (301, to.as_str()));
    assert_eq!(session.put("/projects/acme%2Fengineering%2Fnew-thing", json!({"name": "x"})).await.status, 404);
    assert_eq!(session.get("/projects/acme%2Fengineering%2Fnewer").await.body["description"], "Better");
    let archived = session.post(&format!("/projects/{id}/archive"), json!({})).await;
    assert_eq!((archived.status, &archived.body["archived"]), (201, &true.into()));
    assert!(session.walk("/projects?archived=true&per_page=100").await.contains(&id));

    let gone = session.delete(&format!("/projects/{id}")).await;
    assert_eq!((gone.status, gone.body), (202, json!({"message": "202 Accepted"})));
    assert_eq!(session.get(&format!("/projects/{id}")).await.status, 404);
    assert_eq!(session.get(&format!("/projects/{id}/labels")).await.status, 404);
    assert_eq!(session.walk("/projects?per_page=100").await, (1..=200).rev().collect::<Vec<_>>());
}

/// A resource, and how the tests change one of its items.
struct Resource {
    /// The path of its list.
    list: &'static str,
    /// The body that creates an item.
    new: Value,
    /// The field that identifies an item in its path.
    key: &'static str,
    /// The body of the update.
    change: Value,
    /// The field that shows the update.
    field: &'static str,
    /// The value of this field after the update.
    expected: Value,
}

impl Resource {
    /// Creates, lists, updates, reads and deletes an item.
    async fn check(self) {
        let Resource { list, new, key, change, field, expected } = self;
        let session = Session::start(Fake::builder()).await;
        let before = session.get(list).await.body.as_array().unwrap().len();
        let item = session.create(list, &new).await;
        let name = match &item[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let path = format!("{list}/{name}");
        let listed = session.get(&format!("{list}?per_page=100")).await;
        assert!(listed.body.as_array().unwrap().iter().any(|listed| listed[key] == item[key]), "{list}");
        let method = if list.ends_with("protected_branches") { reqwest::Method::PATCH } else { reqwest::Method::PUT };
        let changed = session.send(method, &path, Some("glpat-demo"), Some(change)).await;
        assert_eq!((changed.status, &changed.body[field]), (200, &expected), "{path}: {}", changed.body);
        assert_eq!(session.get(&path).await.body[field], expected, "{path}");
        let gone = session.delete(&path).await;
        assert!(matches!(gone.status, 200 | 202 | 204), "{path}: {}", gone.status);
        assert_eq!(session.get(&path).await.status, 404, "{path}");
        assert_eq!(session.get(list).await.body.as_array().unwrap().len(), before, "{list}");
        assert_eq!(session.delete(&path).await.status, 404, "{path}");
    }
}

impl Session {
    /// Creates an item, which has all values of the body that the response shows.
    async fn create(&self, list: &str, new: &Value) -> Value {
        let made = self.post(list, new.clone()).await;
        assert_eq!(made.status, 201, "{list}: {}", made.body);
        for (name, value) in new.as_object().unwrap() {
            if let Some(known) = made.body.get(name) {
                assert_eq!(known, value, "{list} {name}");
            }
        }
        made.body
    }
}

/// One test for each resource.
macro_rules! resources {
    ($($test:ident: $list:literal, $new:tt, $key:literal, $change:tt, $field:literal, $expected:expr;)*) => {$(
        #[tokio::test]
        async fn $test() {
            let (new, change) = (json!($new), json!($change));
            Resource { list: $list, new, key: $key, change, field: $field, expected: $expected.into() }.check().await;
        }
    )*};
}

// The list, the new item, the key in its path, the update, and a field that shows it.
resources! {
    users_are_created_updated_and_deleted:
        "/users", {"email": "n@x.y", "name": "New", "username": "new"}, "id", {"name": "Newer"}, "name", "Newer";
    groups_are_created_updated_and_deleted:
        "/groups", {"name": "Fresh", "path": "fresh"}, "id", {"name": "F"}, "name", "F";
    issues_are_created_updated_and_deleted:
        "/projects/1/issues", {"title": "One"}, "iid", {"title": "Two"}, "title", "Two";
    merge_requests_are_created_updated_and_deleted:
        "/projects/1/merge_requests", {"title": "One", "source_branch": "develop", "target_branch": "main"}, "iid", {"state_event": "close"}, "state", "closed";
    issue_notes_are_created_updated_and_deleted:
        "/projects/1/issues/1/notes", {"body": "Hm"}, "id", {"body": "Ah"}, "body", "Ah";
    merge_request_notes_are_created_updated_and_deleted:
        "/projects/1/merge_requests/1/notes", {"body": "Hm"}, "id", {"body": "Ah"}, "body", "Ah";
    labels_are_created_updated_and_deleted:
        "/projects/1/labels", {"name": "odd", "color": "#000000"}, "id", {"color": "#ffffff"}, "color", "#ffffff";
    milestones_are_created_updated_and_deleted:
        "/projects/1/milestones", {"title": "2.0"}, "id", {"state_event": "close"}, "state", "closed";
    project_variables_are_created_updated_and_deleted:
        "/projects/1/variables", {"key": "A_KEY", "value": "1"}, "key", {"value": "2"}, "value", "2";
    group_variables_are_created_updated_and_deleted:
        "/groups/1/variables", {"key": "A_KEY", "value": "1"}, "key", {"value": "2"}, "value", "2";
    project_members_are_created_updated_and_deleted:
        "/projects/1/members", {"user_id": 700, "access_level": 20}, "id", {"access_level": 30}, "access_level", 30;
    group_members_are_created_updated_and_deleted:
        "/groups/1/members", {"user_id": 700, "access_level": 20}, "id", {"access_level": 30}, "access_level", 30;
    hooks_are_created_updated_and_deleted:
        "/projects/1/hooks", {"url": "https://a.example"}, "id", {"url": "https://b.example"}, "url", "https://b.example";
    releases_are_created_updated_and_deleted:
        "/projects/1/releases", {"tag_name": "v9", "name": "Nine"}, "tag_name", {"name": "9"}, "name", "9";
    environments_are_created_updated_and_deleted:
        "/projects/1/environments", {"name": "review"}, "id", {"external_url": "https://r.example"}, "external_url", "https://r.example";
    protected_branches_are_created_updated_and_deleted:
        "/projects/1/protected_branches", {"name": "stable"}, "name", {"allow_force_push": true}, "allow_force_push", true;
}

#[tokio::test]
async fn branches_and_tags_point_at_commits() {
    let session = Session::start(Fake::builder()).await;
    let tip = session.get("/projects/1/repository/branches/main").await.body["commit"]["id"].clone();
    let made = session.post("/projects/1/repository/branches", json!({"branch": "mine", "ref": "main"})).await;
    assert_eq!((made.status, &made.body["commit"]["id"]), (201, &tip));
    let again = session.post("/projects/1/repository/branches", json!({"branch": "mine", "ref": "main"})).await;
    assert_eq!((again.status, &again.body["message"]), (400, &"Branch already exists".into()));
    let lost = session.post("/projects/1/repository/branches", json!({"branch": "b", "ref": "nowhere"})).await;
    assert_eq!((lost.status, &lost.body["message"]), (400, &"Invalid reference name: nowhere".into()));
    assert_eq!(session.delete("/projects/1/repository/branches/mine").await.status, 204);
    assert_eq!(session.delete("/projects/1/repository/branches/main").await.status, 400);
    let tag = session.post("/projects/1/repository/tags", json!({"tag_name": "v8", "ref": "main"})).await;
    assert_eq!((tag.status, &tag.body["name"], &tag.body["commit"]["id"]), (201, &"v8".into(), &tip));
    assert_eq!(session.get("/projects/1/repository/commits/v8").await.body["id"], tip);
    let short = &tip.as_str().unwrap()[..8];
    assert_eq!(session.get(&format!("/projects/1/repository/commits/{short}")).await.body["id"], tip);
}

#[tokio::test]
async fn validation_errors_match_gitlab() {
    let session = Session::start(Fake::builder()).await;
    let label = json!({"name": "bug", "color": "#fff"});
    let cases: Vec<(&str, Value, u16, Value)> = vec![
        ("/projects/1/issues", json!({}), 400, json!({"error": "title is missing"})),
        ("/projects/1/issues", json!({"title": " "}), 400, json!({"message": {"title": ["can't be blank"]}})),
        ("/projects/1/labels", label, 409, json!({"message": "Label already exists"})),
        (
            "/projects",
            json!({"name": "x", "namespace_id": 999}),
            400,
            json!({"message": {"namespace": ["is not valid"]}}),
        ),
        (
            "/users",
            json!({"email": "a@b.c", "name": "A", "username": "demo"}),
            409,
            json!({"message": "Username has already been taken"}),
        ),
        (
            "/projects/1/members",
            json!({"user_id": 1, "access_level": 30}),
            409,
            json!({"message": "Member already exists"}),
        ),
        (
            "/projects/1/members",
            json!({"user_id": 4_000_000, "access_level": 30}),
            404,
            json!({"message": "404 User Not Found"}),
        ),
        (
            "/projects/1/variables",
            json!({"key": "DEPLOY_REGION", "value": "x"}),
            400,
            json!({"message": {"key": ["(DEPLOY_REGION) has already been taken"]}}),
        ),
        (
            "/projects/1/merge_requests",
            json!({"title": "x", "source_branch": "main", "target_branch": "main"}),
            422,
            json!({"message": ["You can't use same project/branch for source and target"]}),
        ),
        (
            "/projects/1/issues",
            json!({"title": "x", "confidential": "perhaps"}),
            400,
            json!({"error": "confidential is invalid"}),
        ),
    ];
    for (path, body, status, refusal) in cases {
        let reply = session.post(path, body.clone()).await;
        assert_eq!((reply.status, reply.body), (status, refusal), "{path} {body}");
    }
    let request = json!({"title": "x", "source_branch": "develop", "target_branch": "main"});
    assert_eq!(session.post("/projects/1/merge_requests", request.clone()).await.status, 201);
    assert_eq!(session.post("/projects/1/merge_requests", request).await.status, 409);
}

#[tokio::test]
async fn states_change_and_can_be_filtered() {
    let session = Session::start(Fake::builder()).await;
    let open = session.get("/projects/1/merge_requests?state=opened").await.body[0]["iid"].clone();
    let merged = session.put(&format!("/projects/1/merge_requests/{open}/merge"), json!({})).await;
    assert_eq!((merged.status, &merged.body["state"]), (200, &"merged".into()));
    assert_eq!(session.put(&format!("/projects/1/merge_requests/{open}/merge"), json!({})).await.status, 405);
    assert_eq!(session.post("/users/50/block", json!({})).await.body, true);
    assert!(session.walk("/users?blocked=true&per_page=100").await.contains(&50));
    let closed = session.put("/projects/1/issues/1", json!({"state_event": "close", "labels": "a,b"})).await;
    assert_eq!((&closed.body["state"], &closed.body["labels"]), (&"closed".into(), &json!(["a", "b"])));
    assert!(closed.body["closed_at"].is_string());
    let reopened = session.put("/projects/1/issues/1", json!({"state_event": "reopen"})).await;
    assert_eq!((&reopened.body["state"], &reopened.body["closed_at"]), (&"opened".into(), &Value::Null));
    assert_eq!(session.walk("/projects/1/issues?labels=a,b").await.len(), 1);
    let planned = session.put("/projects/1/issues/1", json!({"milestone_id": 1, "assignee_ids": [2]})).await;
    assert_eq!((&planned.body["milestone"]["id"], &planned.body["assignee"]["username"]), (&1.into(), &"demo".into()));
    assert_eq!(session.get("/projects/1/issues?milestone=1.0&assignee_id=2").await.ids().len(), 1);
    let freed = session.put("/projects/1/issues/1", json!({"milestone_id": null, "assignee_ids": []})).await;
    assert_eq!((&freed.body["milestone"], &freed.body["assignees"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn repository_files_are_created_read_and_deleted() {
    let session = Session::start(Fake::builder()).await;
    let path = "/projects/1/repository/files/docs%2Fnew.md";
    let made = session.post(path, json!({"branch": "main", "content": "Hi\n", "commit_message": "x"})).await;
    assert_eq!((made.status, made.body), (201, json!({"file_path": "docs/new.md", "branch": "main"})));
    assert_eq!(session.get(&format!("{path}/raw?ref=main")).await.body, "Hi\n");
    let shown = session.get(&format!("{path}?ref=main")).await.body;
    assert_eq!((&shown["content"], &shown["size"]), (&"SGkK".into(), &3.into()));
    let tree = session.get("/projects/1/repository/tree?path=docs").await.body;
    assert!(tree.as_array().unwrap().iter().any(|node| node["path"] == "docs/new.md"));
    let again = session.post(path, json!({"branch": "main", "content": "x", "commit_message": "x"})).await;
    assert_eq!((again.status, &again.body["message"]), (400, &"A file with this name already exists".into()));
    assert_eq!(session.delete(&format!("{path}?branch=main&commit_message=x")).await.status, 204);
    assert_eq!(session.get(&format!("{path}/raw?ref=main")).await.status, 404);
    let trace = session.get("/projects/1/jobs/1/trace").await;
    assert!(
        trace.headers["content-type"].starts_with("text/plain") && trace.body.as_str().unwrap().contains("step 200")
    );
    let archive = session.get("/projects/1/repository/archive").await;
    assert!(archive.headers["content-disposition"].ends_with("billing-service-main.tar.gz\""));
    assert!(archive.body.as_str().unwrap().contains("src/server/mod.rs\n"));
}

#[tokio::test]
async fn uploads_arrive_complete() {
    let session = Session::start(Fake::builder()).await;
    let part = reqwest::multipart::Part::bytes(vec![0_u8, 13, 10, 45, 45, 255]).file_name("shot.png");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = session.client.post(session.url("/projects/1/uploads")).header("PRIVATE-TOKEN", "glpat-demo");
    let reply = crate::Reply::read(request.multipart(form).send().await.unwrap()).await;
    assert_eq!((reply.status, &reply.body["alt"], &reply.body["size"]), (201, &"shot".into(), &6.into()));
    let url = reply.body["url"].as_str().unwrap();
    assert!(url.ends_with("/shot.png"));
    let request = session.client.get(session.url(&format!("/projects/1{url}"))).header("PRIVATE-TOKEN", "glpat-demo");
    assert_eq!(request.send().await.unwrap().bytes().await.unwrap().as_ref(), [0, 13, 10, 45, 45, 255]);
}

#[tokio::test]
async fn an_avatar_is_uploaded_with_other_fields() {
    let session = Session::start(Fake::builder()).await;
    let part = reqwest::multipart::Part::bytes(b"png".to_vec()).file_name("face.png");
    let form = reqwest::multipart::Form::new().text("description", "Faces").part("avatar", part);
    let request = session.client.put(session.url("/projects/1")).header("PRIVATE-TOKEN", "glpat-demo");
    let reply = crate::Reply::read(request.multipart(form).send().await.unwrap()).await;
    assert_eq!((reply.status, &reply.body["description"]), (200, &"Faces".into()));
    assert!(reply.body["avatar_url"].as_str().unwrap().ends_with("face.png"));
}

#[tokio::test]
async fn operations_without_data_remember_changes() {
    let session = Session::start(Fake::builder()).await;
    let made = session.post("/projects/1/deploy_keys", json!({"title": "box", "key": "ssh-ed25519 AAAA"})).await;
    assert_eq!((made.status, &made.body["title"]), (201, &"box".into()), "{}", made.body);
    let id = &made.body["id"];
    assert_eq!(session.get(&format!("/projects/1/deploy_keys/{id}")).await.body["title"], "box");
    let changed = session.put(&format!("/projects/1/deploy_keys/{id}"), json!({"title": "ship"})).await;
    assert_eq!(changed.body["title"], "ship");
    let listed = session.get("/projects/1/deploy_keys").await.body;
    assert_eq!(listed.as_array().unwrap().last().unwrap()["title"], "ship");
    assert_eq!(session.delete(&format!("/projects/1/deploy_keys/{id}")).await.status, 204);
    assert_eq!(session.get(&format!("/projects/1/deploy_keys/{id}")).await.status, 404);
    assert_eq!(session.get("/projects/1/deploy_keys").await.ids().len(), 3);
    assert_eq!(session.get("/projects/2/deploy_keys").await.ids().len(), 3);
}

#[tokio::test]
async fn commits_and_pipelines_are_created() {
    let session = Session::start(Fake::builder()).await;
    let commit = json!({
        "branch": "main", "commit_message": "Two\n\nfiles",
        "actions": [
            {"action": "create", "file_path": "a.txt", "content": "a"},
            {"action": "delete", "file_path": "LICENSE"},
            {"action": "move", "file_path": "src/app.rs", "previous_path": "src/main.rs"},
        ],
    });
    let made = session.post("/projects/1/repository/commits", commit).await;
    assert_eq!((made.status, &made.body["title"]), (201, &"Two".into()), "{}", made.body);
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(session.get(&format!("/projects/1/repository/commits/{id}")).await.body["message"], "Two\n\nfiles");
    assert_eq!(session.get("/projects/1/repository/commits").await.body[0]["id"], id);
    let file = async |path: &str| session.get(&format!("/projects/1/repository/files/{path}/raw?ref=main")).await;
    assert_eq!(file("a.txt").await.body, "a");
    assert_eq!((file("LICENSE").await.status, file("src%2Fmain.rs").await.status), (404, 404));
    assert!(file("src%2Fapp.rs").await.body.as_str().unwrap().starts_with("src/main.rs"));

    let pipeline = session.post("/projects/1/pipeline", json!({"ref": "develop"})).await;
    assert_eq!((pipeline.status, &pipeline.body["status"]), (201, &"created".into()), "{}", pipeline.body);
    assert_eq!(session.get("/projects/1/pipelines").await.ids()[0], pipeline.body["id"].as_u64().unwrap());
    let id = &pipeline.body["id"];
    assert_eq!(session.post(&format!("/projects/1/pipelines/{id}/cancel"), json!({})).await.body["status"], "canceled");
    let lost = session.post("/projects/1/pipeline", json!({"ref": "nowhere"})).await;
    assert_eq!((lost.status, lost.body), (400, json!({"message": {"base": ["Reference not found"]}})));
}

#[tokio::test]
async fn searches_find_existing_things() {
    let session = Session::start(Fake::builder()).await;
    let found = session.get("/search?scope=users&search=devon").await;
    assert_eq!((found.status, found.ids()), (200, vec![2]));
    session.post("/projects/1/issues", json!({"title": "A unicorn appears"})).await;
    assert_eq!(session.get("/search?scope=issues&search=unicorn").await.body[0]["title"], "A unicorn appears");
    assert_eq!(session.get("/projects/1/search?scope=issues&search=unicorn").await.ids().len(), 1);
    assert_eq!(session.get("/projects/2/search?scope=issues&search=unicorn").await.ids().len(), 0);
}
