//! The response to the document that reads users, as hand-written types. The contestant with the `gitlab` crate uses them too.

use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Data {
    pub(crate) users: Connection,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection {
    pub(crate) nodes: Vec<Node>,
    pub(crate) page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) end_cursor: Option<String>,
    pub(crate) has_next_page: bool,
}

/// The fields that the document selects. It is the document that glabflow sends.
#[allow(dead_code)] // Decoded, but not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Node {
    id: Option<String>,
    username: Option<String>,
    name: Option<String>,
    state: Option<String>,
    r#type: Option<String>,
    active: Option<bool>,
    bot: Option<bool>,
    human: Option<bool>,
    web_url: Option<String>,
    avatar_url: Option<String>,
    public_email: Option<String>,
    bio: Option<String>,
    location: Option<String>,
    pronouns: Option<String>,
    job_title: Option<String>,
    organization: Option<String>,
    created_at: Option<String>,
    last_activity_on: Option<String>,
    group_count: Option<i64>,
    status: Option<Box<Status>>,
    namespace: Option<Box<Namespace>>,
}

#[allow(dead_code)] // As above.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    availability: Option<String>,
    clear_status_at: Option<String>,
    emoji: Option<String>,
    message: Option<String>,
}

#[allow(dead_code)] // As above.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Namespace {
    id: Option<String>,
    full_path: Option<String>,
    name: Option<String>,
    web_url: Option<String>,
}
