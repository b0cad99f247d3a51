//! `/api/graphql` through real sockets.

use crate::{Reply, Session};
use glabflow_fake::{Clock, Fake, Fault, READ_ONLY_TOKEN, USER_TOKEN};
use serde_json::{Value, json};

impl Session {
    /// Sends a document with a token, or without one.
    pub(crate) async fn graphql_as(&self, token: Option<&str>, query: &str, variables: Value) -> Reply {
        let mut request = self.client.post(format!("{}/api/graphql", self.fake.url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let body = json!({ "query": query, "variables": variables });
        Reply::read(request.json(&body).send().await.unwrap()).await
    }

    /// The data of a document that succeeds.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let reply = self.graphql_as(Some("glpat-demo"), query, variables).await;
        assert_eq!((reply.status, &reply.body["errors"]), (200, &Value::Null), "{query}");
        reply.body["data"].clone()
    }

    /// The error messages of a document.
    async fn errors(&self, query: &str, variables: Value) -> Vec<String> {
        let reply = self.graphql_as(Some("glpat-demo"), query, variables).await;
        assert_eq!((reply.status, reply.body.get("data")), (200, None), "{query}: {}", reply.body);
        let errors = reply.body["errors"].as_array().unwrap().iter();
        errors.map(|error| error["message"].as_str().unwrap().to_owned()).collect()
    }
}

/// The path of the project with an id.
async fn path(session: &Session, id: u64) -> String {
    session.get(&format!("/projects/{id}")).await.body["path_with_namespace"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn rest_and_graphql_serve_the_same_data() {
    let session = Session::start(Fake::builder()).await;
    let query = "query($path: ID!) { project(fullPath: $path) {
        id name fullPath webUrl visibility archived createdAt starCount group { fullPath }
        issues(first: 3) { count nodes { id iid title state author { id username } assignees { nodes { username } }
            labels { nodes { title color } } webUrl webPath } pageInfo { hasNextPage endCursor } }
        mergeRequests(first: 1) { nodes { iid sourceBranch state author { username } } }
        pipelines(first: 1) { nodes { id iid sha status user { username } jobs { nodes { id name status } } } }
        projectMembers(first: 2) { nodes { __typename id accessLevel { integerValue stringValue } user { username } } }
    } }";
    let project = &session.data(query, json!({ "path": path(&session, 7).await })).await["project"];
    let rest = session.get("/projects/7").await.body;
    assert_eq!(project["id"], "gid://gitlab/Project/7");
    assert_eq!(project["fullPath"], rest["path_with_namespace"]);
    for (field, name) in
        [("name", "name"), ("webUrl", "web_url"), ("visibility", "visibility"), ("starCount", "star_count")]
    {
        assert_eq!(project[field], rest[name], "{field}");
    }
    let issues = session.get("/projects/7/issues?per_page=3").await;
    assert_eq!(project["issues"]["count"].to_string(), issues.header("x-total").unwrap());
    for (at, issue) in issues.body.as_array().unwrap().iter().enumerate() {
        let node = &project["issues"]["nodes"][at];
        assert_eq!(node["id"], format!("gid://gitlab/Issue/{}", issue["id"]));
        assert_eq!(node["iid"], issue["iid"].to_string());
        assert_eq!((&node["title"], &node["state"]), (&issue["title"], &issue["state"]));
        assert_eq!(node["author"]["username"], issue["author"]["username"]);
        assert_eq!(node["assignees"]["nodes"][0]["username"], issue["assignees"][0]["username"]);
        assert_eq!(node["labels"]["nodes"][0]["title"], issue["labels"][0]);
        assert!(node["webPath"].as_str().unwrap().ends_with(&format!("/-/issues/{}", issue["iid"])));
        assert!(node["webPath"].as_str().unwrap().starts_with('/'));
    }
    let pipeline = &session.get("/projects/7/pipelines?per_page=1").await.body[0];
    let node = &project["pipelines"]["nodes"][0];
    assert_eq!(node["id"], format!("gid://gitlab/Ci::Pipeline/{}", pipeline["id"]));
    assert_eq!(node["sha"], pipeline["sha"]);
    assert_eq!(node["status"], pipeline["status"].as_str().unwrap().to_uppercase());
    let member = &project["projectMembers"]["nodes"][0];
    let rest = &session.get("/projects/7/members?per_page=1").await.body[0];
    assert_eq!(member["__typename"], "ProjectMember");
    assert_eq!(member["accessLevel"]["integerValue"], rest["access_level"]);
    assert_eq!(member["user"]["username"], rest["username"]);
}

#[tokio::test]
async fn cursors_lead_through_connections() {
    let session = Session::start(Fake::builder().users(730)).await;
    let query = "query($after: String, $first: Int) {
        users(first: $first, after: $after) { count nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
    let (mut ids, mut after, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let users = &session.data(query, json!({ "first": 500, "after": after })).await["users"];
        assert_eq!(users["count"], 730);
        let nodes = users["nodes"].as_array().unwrap();
        assert!(nodes.len() <= 100, "a page has 100 items at most");
        ids.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        assert_eq!(users["pageInfo"]["hasPreviousPage"], pages > 0);
        pages += 1;
        if users["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = users["pageInfo"]["endCursor"].clone();
    }
    assert_eq!((pages, ids.len()), (8, 730));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 730);
    let query = "{ users(last: 2) { edges { cursor node { username } } pageInfo { startCursor hasNextPage } } }";
    let last = &session.data(query, json!({})).await["users"];
    assert_eq!(last["edges"].as_array().unwrap().len(), 2);
    assert_eq!(last["edges"][0]["cursor"], last["pageInfo"]["startCursor"]);
    assert_eq!(last["edges"][1]["node"]["username"], "root");
    let wrong = session.graphql_as(Some("glpat-demo"), "{ users(after: \"?\") { nodes { id } } }", json!({})).await;
    assert_eq!(wrong.body["data"], json!({ "users": null }));
    assert_eq!(wrong.body["errors"][0]["message"], "Please provide a valid cursor");
    assert_eq!(wrong.body["errors"][0]["path"], json!(["users"]));
}

#[tokio::test]
async fn cursors_work_in_another_order() {
    let session = Session::start(Fake::builder()).await;
    let query = "query($after: String) { projects(first: 30, after: $after, sort: \"name_asc\") {
        nodes { name fullPath } pageInfo { hasNextPage endCursor } } }";
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let projects = &session.data(query, json!({ "after": after })).await["projects"];
        let nodes = projects["nodes"].as_array().unwrap();
        names.extend(nodes.iter().map(|node| node["name"].as_str().unwrap().to_lowercase()));
        if projects["pageInfo"]["hasNextPage"] == false {
            break;
        }
        assert!(names.len() < 200, "{projects}");
        after = projects["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(names.len(), 200);
    assert!(names.is_sorted(), "{names:?}");
}

#[tokio::test]
async fn arguments_filter() {
    let session = Session::start(Fake::builder()).await;
    let (first, second) = (path(&session, 1).await, path(&session, 2).await);
    let data = session
        .data(
            "query($paths: [String!]) { projects(fullPaths: $paths) { nodes { fullPath } } }",
            json!({ "paths": [first, second, "no/such"] }),
        )
        .await;
    assert_eq!(data["projects"]["nodes"].as_array().unwrap().len(), 2);
    let data = session.data("{ users(usernames: [\"root\", \"demo\"]) { nodes { username } } }", json!({})).await;
    assert_eq!(data["users"]["nodes"], json!([{ "username": "demo" }, { "username": "root" }]));
    let query = "query($path: ID!) { project(fullPath: $path) {
        issues(state: closed) { nodes { state } } issue(iid: \"2\") { iid }
        some: issues(iids: [\"1\", \"3\"]) { nodes { iid } }
        mergeRequest(iid: \"1\") { iid } absent: issue(iid: \"999\") { iid }
        pipelines(status: SUCCESS) { nodes { status } }
    } }";
    let project = &session.data(query, json!({ "path": first })).await["project"];
    let states: Vec<&Value> =
        project["issues"]["nodes"].as_array().unwrap().iter().map(|node| &node["state"]).collect();
    assert!(!states.is_empty() && states.iter().all(|state| **state == "closed"), "{states:?}");
    assert_eq!((&project["issue"]["iid"], &project["mergeRequest"]["iid"]), (&json!("2"), &json!("1")));
    assert_eq!(project["some"]["nodes"], json!([{ "iid": "3" }, { "iid": "1" }]));
    assert_eq!(project["absent"], Value::Null);
    let pipelines = project["pipelines"]["nodes"].as_array().unwrap();
    assert!(!pipelines.is_empty() && pipelines.iter().all(|pipeline| pipeline["status"] == "SUCCESS"));
    let many: Vec<String> = (0..51).map(|at| format!("a/{at}")).collect();
    let query = "query($paths: [String!]) { projects(fullPaths: $paths) { nodes { id } } }";
    let rejected = session.graphql_as(Some("glpat-demo"), query, json!({ "paths": many })).await;
    assert_eq!(rejected.body["errors"][0]["message"], "fullPaths is too long (maximum is 50)");
}

#[tokio::test]
async fn things_are_found_by_id_and_path() {
    let session = Session::start(Fake::builder()).await;
    let data = session
        .data(
            "{ group(fullPath: \"acme\") { fullName descendantGroups { count } parent { id }
                  child: descendantGroups(first: 1) { nodes { fullPath parent { fullPath } projects { nodes { fullPath } } } } }
               namespace(fullPath: \"acme\") { __typename fullPath } mine: namespace(fullPath: \"root\") { fullPath name }
               user(username: \"demo\") { id projectMemberships { nodes { project { fullPath } user { username } } } }
               currentUser { username } echo(text: \"hi\") metadata { version }
               issue(id: \"gid://gitlab/Issue/5\") { id } none: issue(id: \"gid://gitlab/Issue/99999999\") { id } }",
            json!({}),
        )
        .await;
    assert_eq!(data["group"]["fullName"], "Acme");
    assert_eq!(data["group"]["descendantGroups"]["count"], 30);
    assert_eq!(data["group"]["parent"], Value::Null);
    let child = &data["group"]["child"]["nodes"][0];
    let parent = format!("{}/", child["parent"]["fullPath"].as_str().unwrap());
    assert!(child["fullPath"].as_str().unwrap().starts_with(&parent), "{child}");
    assert!(
        child["projects"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|project| { project["fullPath"].as_str().unwrap().starts_with(child["fullPath"].as_str().unwrap()) })
    );
    assert_eq!(data["namespace"], json!({ "__typename": "Namespace", "fullPath": "acme" }));
    assert_eq!(data["mine"]["fullPath"], "root");
    assert_eq!(data["user"]["id"], "gid://gitlab/User/2");
    let memberships = data["user"]["projectMemberships"]["nodes"].as_array().unwrap();
    assert!(memberships.len() > 10 && memberships.iter().all(|one| one["user"]["username"] == "demo"));
    assert_eq!((&data["currentUser"]["username"], &data["echo"]), (&json!("root"), &json!("\"root\" says: hi")));
    assert_eq!((&data["issue"]["id"], &data["none"]), (&json!("gid://gitlab/Issue/5"), &Value::Null));
}

#[tokio::test]
async fn selections_are_merged_skipped_and_aliased() {
    let session = Session::start(Fake::builder()).await;
    let query = "query($yes: Boolean!, $no: Boolean = false) {
        me: currentUser { ...Names name @skip(if: $yes) bio @include(if: $no) }
        me: currentUser { id ... on User { state } ... @include(if: $yes) { __typename } ... on CurrentUser { bot } }
    } fragment Names on User { username }";
    let data = session.data(query, json!({ "yes": true })).await;
    let mut keys: Vec<&String> = data["me"].as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["__typename", "bot", "id", "state", "username"]);
    assert_eq!((&data["me"]["username"], &data["me"]["__typename"]), (&json!("root"), &json!("CurrentUser")));
    let data = session.data(query, json!({ "yes": false, "no": true })).await;
    assert!(data["me"].get("bio").is_some() && data["me"].get("name").is_some());
}

#[tokio::test]
async fn document_errors_match_gitlab() {
    let session = Session::start(Fake::builder()).await;
    for (query, message) in [
        ("{ project(fullPath: \"a\") { nope } }", "Field 'nope' doesn't exist on type 'Project'"),
        ("{ project { id } }", "Field 'project' is missing required arguments: fullPath"),
        ("{ project(fullPath: \"a\", x: 1) { id } }", "Field 'project' doesn't accept argument 'x'"),
        ("query($x: ID!) { currentUser { id } }", "Variable $x is declared by anonymous query but not used"),
        ("query Q { project(fullPath: $x) { id } }", "Variable $x is used by Q but not declared"),
        (
            "query($x: Int) { project(fullPath: $x) { id } }",
            "Type mismatch on variable $x and argument fullPath (Int / ID!)",
        ),
        (
            "{ currentUser }",
            "Field must have selections (field 'currentUser' returns CurrentUser but has no selections. Did you mean \
             'currentUser { ... }'?)",
        ),
        ("{ currentUser { name { x } } }", "Selections can't be made on scalars (field 'name' returns String)"),
        ("{ currentUser { ...F } }", "Fragment F was used, but not defined"),
        ("{ currentUser { ... on Nope { id } } }", "No such type Nope, so it can't be a fragment condition"),
    ] {
        let said = session.errors(query, json!({})).await;
        assert!(said.iter().any(|text| text == message), "{query}: {said:?}");
    }
    let reply = session.graphql_as(Some("glpat-demo"), "{\n  nope\n}", json!({})).await;
    let error = &reply.body["errors"][0];
    assert_eq!(error["locations"], json!([{ "line": 2, "column": 3 }]));
    assert_eq!(error["extensions"]["code"], "undefinedField");
    assert!(!session.errors("{ currentUser { ", json!({})).await.is_empty());
    assert_eq!(session.errors("", json!({})).await, ["No query string was present"]);
}

#[tokio::test]
async fn variables_are_validated() {
    let session = Session::start(Fake::builder()).await;
    let query = "query($path: ID!, $first: Int, $state: IssuableState) {
        project(fullPath: $path) { issues(first: $first, state: $state) { nodes { id } } } }";
    for (variables, message) in [
        (json!({}), "Variable $path of type ID! was provided invalid value"),
        (json!({ "path": null }), "Variable $path of type ID! was provided invalid value"),
        (json!({ "path": "a", "first": "x" }), "Variable $first of type Int was provided invalid value"),
        (json!({ "path": "a", "first": 3_000_000_000_u64 }), "Variable $first of type Int was provided invalid value"),
        (json!({ "path": "a", "state": "OPEN" }), "Variable $state of type IssuableState was provided invalid value"),
    ] {
        assert_eq!(session.errors(query, variables).await, [message]);
    }
    let mutation = "mutation($input: CreateIssueInput!) { createIssue(input: $input) { errors } }";
    assert_eq!(
        session.errors(mutation, json!({ "input": { "title": 1, "nope": 2 } })).await,
        ["Variable $input of type CreateIssueInput! was provided invalid value for nope (Field is not defined on \
          CreateIssueInput), projectPath (Expected value to not be null), title (Could not coerce value 1 to String)"]
    );
    let query = "query($id: UserID!) { user(id: $id) { id } }";
    let said = session.graphql_as(Some("glpat-demo"), query, json!({ "id": "gid://gitlab/Project/1" })).await;
    assert_eq!(
        said.body["errors"][0]["extensions"]["problems"][0]["explanation"],
        "\"gid://gitlab/Project/1\" does not represent an instance of User"
    );
}

#[tokio::test]
async fn complexity_and_depth_are_limited() {
    let session = Session::start(Fake::builder()).await;
    let fields = "id name path fullPath description visibility webUrl createdAt starCount forksCount";
    let query: String = (0..30).map(|at| format!("p{at}: project(fullPath: \"a/{at}\") {{ {fields} }} ")).collect();
    let query = format!("{{ {query} }}");
    let rejected = session.graphql_as(Some(USER_TOKEN), &query, json!({})).await;
    let message = "Query has complexity of 330, which exceeds max complexity of 250";
    assert_eq!((rejected.status, &rejected.body), (200, &json!({ "errors": [{ "message": message }] })));
    let of = async |token: Option<&str>, query: &str| {
        session.graphql_as(token, query, json!({})).await.body["data"]["queryComplexity"].clone()
    };
    // The worked example, and the three fields of the query for the complexity.
    let query = "{ queryComplexity { score limit } project(fullPath: \"x\") { pipelines(first: 100) {
        nodes { id iid status ref sha source duration createdAt updatedAt path } pageInfo { hasNextPage endCursor } } } }";
    assert_eq!(of(Some(USER_TOKEN), query).await, json!({ "score": 34, "limit": 250 }));
    assert_eq!(of(Some("glpat-demo"), query).await["limit"], 300);
    assert_eq!(of(None, query).await["limit"], 200);
    let deep = |levels: usize| {
        format!("{{ group(fullPath: \"acme\") {{ {}id{} }} }}", "parent { ".repeat(levels), " }".repeat(levels))
    };
    assert_eq!(session.data(&deep(18), json!({})).await["group"]["parent"], Value::Null);
    let said = session.errors(&deep(19), json!({})).await;
    assert_eq!(said, ["Query has depth of 21, which exceeds max depth of 20"]);
    let long = session
        .graphql_as(Some("glpat-demo"), &format!("{{ echo(text: \"{}\") }}", "x".repeat(10_000)), json!({}))
        .await;
    assert_eq!((long.status, &long.body["errors"][0]["message"]), (422, &json!("Query too large")));
    let small = Session::start(Fake::builder().complexity_limit(2)).await;
    let said = small.errors("{ currentUser { id name } }", json!({})).await;
    assert_eq!(said, ["Query has complexity of 3, which exceeds max complexity of 2"]);
}

#[tokio::test]
async fn introspection_works() {
    let session = Session::start(Fake::builder()).await;
    let query = "query IntrospectionQuery { __schema { queryType { name } mutationType { name }
        types { kind name fields(includeDeprecated: true) { name type { ...T } args { name type { ...T } defaultValue } }
            inputFields { name } enumValues { name } possibleTypes { name } interfaces { name } }
        directives { name locations } } __type(name: \"PageInfo\") { fields { name } } __typename }
        fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    let reply = session.graphql_as(None, query, json!({})).await;
    assert_eq!(reply.body["errors"], Value::Null);
    let data = &reply.body["data"];
    assert_eq!((&data["__schema"]["queryType"]["name"], &data["__typename"]), (&json!("Query"), &json!("Query")));
    let types = data["__schema"]["types"].as_array().unwrap();
    assert!(types.len() > 2000, "{} types", types.len());
    let project = types.iter().find(|ty| ty["name"] == "Project").unwrap();
    assert!(project["fields"].as_array().unwrap().len() > 200);
    assert_eq!(data["__type"]["fields"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn anonymous_users_see_what_rest_shows_them() {
    let session = Session::start(Fake::builder()).await;
    let foreign = {
        let private = session.walk("/projects?visibility=private&per_page=100").await;
        let mine = session.get_as(Some(USER_TOKEN), "/projects?membership=true&per_page=100").await.ids();
        private.into_iter().find(|id| !mine.contains(id)).unwrap()
    };
    let (query, variables) =
        ("query($path: ID!) { project(fullPath: $path) { id } }", json!({ "path": path(&session, foreign).await }));
    assert_ne!(session.data(query, variables.clone()).await["project"], Value::Null);
    for token in [Some(USER_TOKEN), None] {
        let reply = session.graphql_as(token, query, variables.clone()).await;
        assert_eq!((reply.status, reply.body), (200, json!({ "data": { "project": null } })));
        let listed =
            session.graphql_as(token, "{ projects { count } }", json!({})).await.body["data"]["projects"]["count"]
                .clone();
        let rest = session.get_as(token, "/projects").await;
        assert_eq!(listed.to_string(), rest.header("x-total").unwrap());
    }
    assert_eq!(
        session.graphql_as(None, "{ currentUser { id } }", json!({})).await.body["data"]["currentUser"],
        Value::Null
    );
    let unknown = session.graphql_as(Some("glpat-wrong"), "{ currentUser { id } }", json!({})).await;
    assert_eq!((unknown.status, unknown.body), (401, json!({ "errors": [{ "message": "Invalid token" }] })));
}

const CREATE: &str = "mutation($input: CreateIssueInput!) { createIssue(input: $input) {
    issue { id iid title state confidential author { username } labels { nodes { title } } } errors clientMutationId } }";

#[tokio::test]
async fn mutations_change_the_data_of_rest() {
    let session = Session::start(Fake::builder()).await;
    let path = path(&session, 4).await;
    let input = json!({ "projectPath": path, "title": "From GraphQL", "labels": ["bug"], "confidential": true, "clientMutationId": "7" });
    let made = &session.data(CREATE, json!({ "input": input })).await["createIssue"];
    assert_eq!((&made["errors"], &made["clientMutationId"]), (&json!([]), &json!("7")));
    let issue = &made["issue"];
    assert_eq!(
        (&issue["title"], &issue["state"], &issue["confidential"]),
        (&json!("From GraphQL"), &json!("opened"), &json!(true))
    );
    assert_eq!((&issue["author"]["username"], &issue["labels"]["nodes"][0]["title"]), (&json!("root"), &json!("bug")));
    let at = format!("/projects/4/issues/{}", issue["iid"].as_str().unwrap());
    assert_eq!(session.get(&at).await.body["title"], "From GraphQL");

    let update = "mutation($input: UpdateIssueInput!) { updateIssue(input: $input) { issue { state title } errors } }";
    let input = json!({ "projectPath": path, "iid": issue["iid"], "stateEvent": "CLOSE", "title": "Done" });
    let changed = &session.data(update, json!({ "input": input })).await["updateIssue"];
    assert_eq!(*changed, json!({ "errors": [], "issue": { "state": "closed", "title": "Done" } }));
    assert_eq!(session.get(&at).await.body["state"], "closed");

    let note = "mutation($input: CreateNoteInput!) { createNote(input: $input) { note { id body author { username } } errors } }";
    let made =
        &session.data(note, json!({ "input": { "noteableId": issue["id"], "body": "Well" } })).await["createNote"];
    assert_eq!((&made["note"]["body"], &made["note"]["author"]["username"]), (&json!("Well"), &json!("root")));
    assert_eq!(session.get(&format!("{at}/notes")).await.body[0]["body"], "Well");

    let close = "mutation($input: MergeRequestUpdateInput!) { mergeRequestUpdate(input: $input) { mergeRequest { state } errors } }";
    for (state, now) in [("OPEN", "opened"), ("CLOSED", "closed")] {
        let input = json!({ "projectPath": path, "iid": "1", "state": state });
        let changed = &session.data(close, json!({ "input": input })).await["mergeRequestUpdate"];
        assert_eq!(changed["mergeRequest"]["state"], now);
        assert_eq!(session.get("/projects/4/merge_requests/1").await.body["state"], now);
    }

    let label =
        "mutation($input: LabelCreateInput!) { labelCreate(input: $input) { label { id title color } errors } }";
    let input = json!({ "projectPath": path, "title": "fresh" });
    let made = &session.data(label, json!({ "input": input.clone() })).await["labelCreate"];
    assert_eq!((&made["label"]["title"], &made["label"]["color"]), (&json!("fresh"), &json!("#6699cc")));
    let again = &session.data(label, json!({ "input": input })).await["labelCreate"];
    assert_eq!(again["label"], Value::Null);
    assert!(!again["errors"].as_array().unwrap().is_empty());

    let run = "mutation($input: PipelineCreateInput!) { pipelineCreate(input: $input) { pipeline { id status ref } errors } }";
    let made = &session.data(run, json!({ "input": { "projectPath": path, "ref": "main" } })).await["pipelineCreate"];
    assert_eq!((&made["pipeline"]["status"], &made["pipeline"]["ref"]), (&json!("CREATED"), &json!("main")));
    let cancel = "mutation($id: CiPipelineID!) { pipelineCancel(input: { id: $id }) { errors } }";
    assert_eq!(
        session.data(cancel, json!({ "id": made["pipeline"]["id"] })).await["pipelineCancel"]["errors"],
        json!([])
    );
    let number = made["pipeline"]["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(session.get(&format!("/projects/4/pipelines/{number}")).await.body["status"], "canceled");
}

#[tokio::test]
async fn mutations_require_permission() {
    let session = Session::start(Fake::builder()).await;
    let path = path(&session, 4).await;
    let before = session.get("/projects/4/issues").await.header("x-total").unwrap().to_owned();
    let variables = json!({ "input": { "projectPath": path, "title": "x" } });
    for token in [Some(READ_ONLY_TOKEN), None] {
        let reply = session.graphql_as(token, CREATE, variables.clone()).await;
        assert_eq!(reply.body["data"], json!({ "createIssue": null }));
        let message = reply.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("The resource that you are attempting to access does not exist"), "{message}");
    }
    assert_eq!(session.get("/projects/4/issues").await.header("x-total"), Some(before.as_str()));
    let nowhere = json!({ "input": { "projectPath": "no/such", "title": "x" } });
    assert_eq!(session.graphql_as(Some("glpat-demo"), CREATE, nowhere).await.body["data"]["createIssue"], Value::Null);
    // A mutation without data succeeds with generated values.
    let other =
        "mutation { boardListCreate(input: { boardId: \"gid://gitlab/Board/1\" }) { list { id title } errors } }";
    let made = &session.data(other, json!({})).await["boardListCreate"];
    assert_eq!(made["errors"], json!([]));
    assert!(made["list"]["title"].is_string(), "{made}");
}

#[tokio::test]
async fn rest_faults_and_graphql_errors_work() {
    let session = Session::start(Fake::builder().fail_on("POST /api/graphql", 0, 1, Fault::Status(503))).await;
    let query = "{ currentUser { id name } project(fullPath: \"x\") { id } group(fullPath: \"acme\") { projects(first: 2) { nodes { id name } } } }";
    assert_eq!(session.graphql_as(None, query, json!({})).await.status, 503);
    let send = async |fault: &str| {
        let request = session.client.post(format!("{}/api/graphql", session.fake.url())).header("X-Fake-Fault", fault);
        Reply::read(request.bearer_auth("glpat-demo").json(&json!({ "query": query })).send().await.unwrap()).await
    };
    assert_eq!(send("429").await.status, 429);
    let partial = send("graphql-error=currentUser").await;
    assert_eq!((partial.status, &partial.body["data"]["currentUser"]), (200, &Value::Null));
    assert_eq!(partial.body["data"]["group"]["projects"], json!({ "nodes": [] }));
    assert_eq!(partial.body["errors"][0]["path"], json!(["currentUser"]));
    // `name` of a user must not be null, so the user is null.
    let above = send("graphql-error=currentUser.name").await;
    assert_eq!(above.body["data"]["currentUser"], Value::Null);
    assert_eq!(above.body["errors"][0]["path"], json!(["currentUser", "name"]));
    assert_eq!(send("graphql-error").await.status, 400);
    let limited = Session::start(Fake::builder().rate_limit(1).clock(Clock::manual(1_800_000_000))).await;
    let statuses = [
        limited.graphql_as(None, query, json!({})).await.status,
        limited.graphql_as(None, query, json!({})).await.status,
    ];
    assert_eq!(statuses, [200, 429]);
    assert_eq!(limited.fake.requests().of("graphql"), 2);
}

#[tokio::test]
async fn an_array_of_documents_gets_an_array_of_responses() {
    let session = Session::start(Fake::builder()).await;
    let send = async |body: Value| {
        let request = session.client.post(format!("{}/api/graphql", session.fake.url())).bearer_auth("glpat-demo");
        Reply::read(request.json(&body).send().await.unwrap()).await
    };
    let query = "query A { currentUser { id } } query B { currentUser { name } }";
    let reply = send(json!([{ "query": query, "operationName": "A" }, { "query": query, "operationName": "B" }])).await;
    assert_eq!(reply.body[0]["data"]["currentUser"], json!({ "id": "gid://gitlab/User/1" }));
    assert!(reply.body[1]["data"]["currentUser"]["name"].is_string());
    let unnamed = send(json!({ "query": query })).await;
    assert_eq!(unnamed.body["errors"][0]["message"], "An operation name is required");
    let unknown = send(json!({ "query": query, "operationName": "C" })).await;
    assert_eq!(unknown.body["errors"][0]["message"], "No operation named \"C\"");
    let text = send(json!({ "query": "query($t: String!) { echo(text: $t) }", "variables": "{\"t\": \"x\"}" })).await;
    assert_eq!(text.body["data"]["echo"], "\"root\" says: x");
    assert_eq!(session.get_as(None, &format!("{}/api/graphql", session.fake.url())).await.status, 404);
}
