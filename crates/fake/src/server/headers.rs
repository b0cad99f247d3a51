//! Rate limits in responses.

use crate::limit::LimitState;
use crate::response::Response;
use crate::time::Time;

pub(super) fn retry_later() -> Response {
    Response { status: 429, ..Response::file("text/plain", "Retry later\n") }
}

pub(super) fn budget(limit_state: &LimitState) -> [(&'static str, String); 6] {
    [
        ("ratelimit-limit", limit_state.limit.to_string()),
        ("ratelimit-name", limit_state.name.clone()),
        ("ratelimit-observed", limit_state.observed.to_string()),
        ("ratelimit-remaining", limit_state.limit.saturating_sub(limit_state.observed).to_string()),
        ("ratelimit-reset", limit_state.reset.to_string()),
        ("ratelimit-resettime", Time(limit_state.reset * 1000).http()),
    ]
}
