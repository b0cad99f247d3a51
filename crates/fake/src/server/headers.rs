//! Rate limits in responses.

use crate::limit::LimitState;
use crate::response::Response;
use crate::time::Time;

pub(super) fn retry_later() -> Response {
    Response { status: 429, ..Response::file("text/plain", "Retry later\n") }
}

pub(super) fn budget(standing: &LimitState) -> [(&'static str, String); 6] {
    [
        ("ratelimit-limit", standing.limit.to_string()),
        ("ratelimit-name", standing.name.clone()),
        ("ratelimit-observed", standing.observed.to_string()),
        ("ratelimit-remaining", standing.limit.saturating_sub(standing.observed).to_string()),
        ("ratelimit-reset", standing.reset.to_string()),
        ("ratelimit-resettime", Time(standing.reset * 1000).http()),
    ]
}
