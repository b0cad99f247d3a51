//! The plot: a bar for each contestant, as long as it is fast, scenario by scenario.

use crate::report::Medians;
use crate::run::Result;
use crate::scenario::Scenario;
use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const NAMES: f64 = 150.0;
const BARS: f64 = 560.0;
const ROW: f64 = 20.0;
const HEADING: f64 = 44.0;

/// A picture of all scenarios.
pub(crate) fn svg(results: &[(&Scenario, Vec<Result>)]) -> String {
    let mut body = String::new();
    let mut y = 10.0;
    for (scenario, results) in results {
        let rows: Vec<(&str, Medians)> =
            results.iter().filter_map(|result| Some((result.name, Medians::of(result)?))).collect();
        let fastest = rows.iter().map(|(_, medians)| medians.pace).fold(1.0, f64::max);
        text(&mut body, 12.0, y + 26.0, "heading", scenario.title);
        y += HEADING;
        for (name, medians) in rows {
            let length = (medians.pace / fastest * BARS).max(1.0);
            text(&mut body, NAMES - 8.0, y + 14.0, "name", name);
            // Writing into a text does not fail.
            let _ = writeln!(
                body,
                r#"<rect x="{NAMES}" y="{}" width="{length:.1}" height="{}" class="{}"/>"#,
                y + 2.0,
                ROW - 4.0,
                class(name)
            );
            text(&mut body, NAMES + length + 6.0, y + 14.0, "pace", &pace(medians.pace));
            y += ROW;
        }
    }
    let height = y + 12.0;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">
<style>.heading {{ font-weight: bold; font-size: 13px; }} .name {{ text-anchor: end; }} .pace {{ fill: #555; }} .ours {{ fill: #e24329; }} .bound {{ fill: #9a9aa5; }} .peer {{ fill: #6b7fd7; }}</style>
<rect width="{WIDTH}" height="{height}" fill="#fff"/>
{body}</svg>
"##
    )
}

fn class(name: &str) -> &'static str {
    match name.split('-').next() {
        Some("glabflow") => "ours",
        Some("bound") => "bound",
        _ => "peer",
    }
}

fn pace(pace: f64) -> String {
    if pace >= 9_950.0 { format!("{:.0}k/s", pace / 1e3) } else { format!("{pace:.0}/s") }
}

/// Titles and names are this program's own, and hold nothing that XML would take for markup.
fn text(body: &mut String, x: f64, y: f64, class: &str, text: &str) {
    // Writing into a text does not fail.
    let _ = writeln!(body, r#"<text x="{x:.1}" y="{y}" class="{class}">{text}</text>"#);
}
