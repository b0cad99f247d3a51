//! The plot: one bar for each contestant of each scenario. The faster the contestant, the longer the bar.

use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const NAMES: f64 = 150.0;
const BARS: f64 = 560.0;
const ROW: f64 = 20.0;
const HEADING: f64 = 44.0;

/// The title of a scenario, and the speed of each contestant.
type Panel<'a> = (&'a str, Vec<(&'a str, f64)>);

/// Reads the tables of `performance.md`.
fn panels(tables: &str) -> Vec<Panel<'_>> {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for line in tables.lines() {
        if let Some((title, _)) = line.strip_prefix("**").and_then(|rest| rest.split_once("** (`")) {
            panels.push((title, Vec::new()));
        }
        // Rows without figures belong to contestants that did not run.
        let mut cells = line.split('|').map(str::trim).skip(1);
        if let (Some(name), Some(pace), Some((_, rows))) = (cells.next(), cells.next(), panels.last_mut())
            && let Ok(pace) = pace.replace(',', "").parse()
        {
            rows.push((name, pace));
        }
    }
    panels
}

/// The plot of all scenarios, from their tables.
pub(crate) fn svg(tables: &str) -> String {
    let mut body = String::new();
    let mut y = 10.0;
    for (title, rows) in panels(tables) {
        let fastest = rows.iter().map(|(_, pace)| *pace).fold(1.0, f64::max);
        text(&mut body, 12.0, y + 26.0, "heading", title);
        y += HEADING;
        for (name, of) in rows {
            let length = (of / fastest * BARS).max(1.0);
            text(&mut body, NAMES - 8.0, y + 14.0, "name", name);
            // Writing to a string does not fail.
            let _ = writeln!(
                body,
                r#"<rect x="{NAMES}" y="{}" width="{length:.1}" height="{}" class="{}"/>"#,
                y + 2.0,
                ROW - 4.0,
                class(name)
            );
            text(&mut body, NAMES + length + 6.0, y + 14.0, "pace", &pace(of));
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

/// Titles and names come from this program, and contain no XML markup.
fn text(body: &mut String, x: f64, y: f64, class: &str, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(body, r#"<text x="{x:.1}" y="{y}" class="{class}">{text}</text>"#);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plot_shows_the_tables() {
        let tables = "\n**10 users, 50 ms** (`users`)\n\n| | items/s | of a |\n| --- | ---: | ---: |\n| a | 1,670,000 | 1.00 |\n\
                      | kitware | no network | |\n| b | 997 | 0.01 |\n**Paths** (`paths`)\n| c | 18 | 1.00 |\n";
        let expected = [("10 users, 50 ms", vec![("a", 1_670_000.0), ("b", 997.0)]), ("Paths", vec![("c", 18.0)])];
        assert_eq!(panels(tables), expected);
        let svg = svg(tables);
        assert!(
            svg.contains(">1670k/s<") && svg.contains(">997/s<") && svg.matches("class=\"peer\"").count() == 3,
            "{svg}"
        );
    }
}
