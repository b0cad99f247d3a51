//! The fake GitLab through real sockets.

mod change;
mod fault;
#[cfg(feature = "graphql")]
mod graphql;
#[cfg(feature = "graphql")]
mod graphql_operations;
mod limit;
mod paging;
mod permission;
mod schema;

use glabflow_fake::{Builder, Fake};
use reqwest::{Method, Response};
use serde_json::Value;
use std::collections::BTreeMap;

/// A server and a client with the administrator's token.
pub(crate) struct Session {
    pub(crate) fake: Fake,
    pub(crate) client: reqwest::Client,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) async fn read(response: Response) -> Reply {
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let text = response.text().await.unwrap();
        Reply { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The ids of a list.
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.body.as_array().expect("a list").iter().map(|item| item["id"].as_u64().expect("an id")).collect()
    }

    /// The URL of a relation in the `Link` header.
    pub(crate) fn link(&self, relation: &str) -> Option<String> {
        let links = self.header("link")?.split(", ").find(|link| link.ends_with(&format!("rel=\"{relation}\"")))?;
        Some(links.split('>').next()?.trim_start_matches('<').to_owned())
    }
}

/// A client for tests. If another crate enables rustls, reqwest requires a process-wide provider.
pub(crate) fn client() -> reqwest::ClientBuilder {
    // It fails if another test has already installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

impl Session {
    pub(crate) async fn start(builder: Builder) -> Session {
        Session { fake: builder.start().await.unwrap(), client: client().build().unwrap() }
    }

    /// A URL below `/api/v4`; complete URLs are not changed.
    pub(crate) fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}/api/v4{path}", self.fake.url()) }
    }

    /// Sends a request with a token, or without one.
    pub(crate) async fn send(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Reply {
        let mut request = self.client.request(method, self.url(path));
        if let Some(token) = token {
            request = request.header("PRIVATE-TOKEN", token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Reply::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, Some("glpat-demo"), None).await
    }

    pub(crate) async fn get_as(&self, token: Option<&str>, path: &str) -> Reply {
        self.send(Method::GET, path, token, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some("glpat-demo"), Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some("glpat-demo"), Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, Some("glpat-demo"), None).await
    }

    /// The ids of all pages of a list, by following `Link`.
    pub(crate) async fn walk(&self, path: &str) -> Vec<u64> {
        let mut ids = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let page = self.get(&path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            ids.extend(page.ids());
            next = page.link("next");
        }
        ids
    }
}
