//! Rate limits in responses.

use crate::answer::Answer;
use crate::limit::Standing;
use crate::time::Time;

pub(super) fn retry_later() -> Answer {
    Answer { status: 429, ..Answer::file("text/plain", "Retry later\n") }
}

pub(super) fn budget(standing: &Standing) -> [(&'static str, String); 6] {
    [
        ("ratelimit-limit", standing.limit.to_string()),
        ("ratelimit-name", standing.name.clone()),
        ("ratelimit-observed", standing.observed.to_string()),
        ("ratelimit-remaining", standing.limit.saturating_sub(standing.observed).to_string()),
        ("ratelimit-reset", standing.reset.to_string()),
        ("ratelimit-resettime", Time(standing.reset * 1000).http()),
    ]
}
