//! Finds the REST document: in a file, at an address, or in GitLab's repository under the tag of the version.

use super::http::{Http, Reply};
use crate::ingest::read;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;

/// GitLab's repository; `{ref}` is a tag, or `master` between releases.
const PUBLISHED: &str = "https://gitlab.com/gitlab-org/gitlab/-/raw/{ref}/doc/api/openapi/";
/// The documents in the repository: OpenAPI 3.0, and Swagger 2.0 in older versions.
const DOCUMENTS: [&str; 2] = ["openapi_v3.yaml", "openapi_v2.yaml"];

/// The document with its name; none for `none`.
pub(super) fn find(http: &Http, wanted: Option<&str>, version: Option<&str>) -> Result<Option<(String, Value)>> {
    match wanted {
        Some("none") => Ok(None),
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
            let name = url.split(['?', '#']).next().unwrap_or_default().to_owned();
            let reply = http.document(url)?;
            match reply.status {
                200 => Ok(Some((name.clone(), document(&name, &reply)?))),
                status => bail!("{name} responds with {status}: give the address of the OpenAPI document itself"),
            }
        }
        Some(file) => Ok(Some((file.to_owned(), read::file(Path::new(file))?))),
        None => published(http, version).map(Some),
    }
}

fn published(http: &Http, version: Option<&str>) -> Result<(String, Value)> {
    let Some(version) = version else {
        bail!(
            "the REST document is published for each version, and this server's version is not known: give a token \
             (--token-env), the version (--gitlab-version), the document (--openapi FILE or URL), or leave the REST half \
             as it is (--openapi none)"
        )
    };
    let folder = PUBLISHED.replace("{ref}", &reference(version)?);
    for document_name in DOCUMENTS {
        let url = format!("{folder}{document_name}");
        let reply = http.document(&url).context("GitLab's published OpenAPI document; --openapi sets another one")?;
        match reply.status {
            200 => return Ok((url.clone(), document(&url, &reply)?)),
            404 => {}
            status => bail!("{url} responds with {status}; give the document with --openapi FILE"),
        }
    }
    bail!("GitLab has published no OpenAPI document for {version} at {folder}; give one with --openapi FILE or URL")
}

/// The git reference of a version.
fn reference(version: &str) -> Result<String> {
    let number = version.strip_suffix("-pre");
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = number.unwrap_or(version).split('.').collect();
    match (parts.as_slice(), number) {
        ([major, minor, patch], None) if digits(major) && digits(minor) && digits(patch) => {
            Ok(format!("v{version}-ee"))
        }
        ([_, ..], Some(_)) => Ok("master".to_owned()),
        _ => bail!("{version} is not a version such as 18.6.0; give the OpenAPI document with --openapi"),
    }
}

fn document(name: &str, reply: &Reply) -> Result<Value> {
    if reply.is_html() {
        bail!("{name} is a web page, not the document; give the address of the raw document");
    }
    read::parse(&reply.body).with_context(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_map_to_git_references() {
        assert_eq!(reference("18.6.0").expect("a version"), "v18.6.0-ee");
        assert_eq!(reference("18.7.0-pre").expect("a version"), "master");
        for nonsense in ["18.6", "x", "", "18.6.0/../..", "18.6.0-rc42"] {
            assert!(reference(nonsense).is_err(), "{nonsense}");
        }
    }
}
