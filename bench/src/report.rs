//! Medians and tables, and writing them into the documentation.

use crate::measurement::{Result, Sample};
use crate::outcome::Outcome;
use crate::plot;
use crate::scenario::{SCENARIOS, Scenario};
use std::fmt::Write as _;
use std::path::Path;

const BEGIN: &str = "<!-- measured: begin, written by `cargo run --release -p glabflow-bench -- run --write` -->";
const END: &str = "<!-- measured: end -->";

/// A contestant's medians.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Medians {
    /// Items per second.
    pub(crate) pace: f64,
    pub(crate) seconds: f64,
    pub(crate) processor: f64,
    pub(crate) memory: f64,
    pub(crate) requests: f64,
    pub(crate) items: f64,
}

impl Medians {
    /// `None` when it never ran.
    pub(crate) fn of(result: &Result) -> Option<Self> {
        let median = |value: fn(&Sample) -> f64| median(result.samples.iter().map(value));
        Some(Medians {
            pace: median(pace)?,
            seconds: median(|sample| sample.said.seconds)?,
            processor: median(processor)?,
            memory: median(|sample| sample.took.memory as f64)?,
            requests: median(|sample| sample.requests as f64)?,
            items: median(|sample| sample.said.items as f64)?,
        })
    }
}

fn pace(sample: &Sample) -> f64 {
    sample.said.items as f64 / sample.said.seconds
}

fn processor(sample: &Sample) -> f64 {
    sample.took.processor
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The median of a contestant's value divided by the bound's, over the rounds that both ran in. Other load on the machine
/// changes from round to round, and less within one round.
fn ratio(result: &Result, bound: Option<&Result>, value: fn(&Sample) -> f64) -> String {
    let rounds = result.samples.iter().zip(bound.into_iter().flat_map(|bound| &bound.samples));
    median(rounds.map(|(of, to)| value(of) / value(to))).map_or_else(String::new, |ratio| format!("{ratio:.2}"))
}

/// The scenario as a table in Markdown.
pub(crate) fn table(scenario: &Scenario, results: &[Result]) -> String {
    let rows = results.iter().map(|result| (result, Medians::of(result)));
    let bound = results.iter().find(|result| result.name == scenario.bound);
    let mut out = format!(
        "\n**{}** (`{}`)\n\n| | items/s | of {} | time | CPU s | of {} | peak MiB | requests |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        scenario.title, scenario.id, scenario.bound, scenario.bound
    );
    for (result, medians) in rows {
        // Writing to a string does not fail.
        let _ = match medians {
            Some(medians) => writeln!(
                out,
                "| {}{} | {} | {} | {} | {:.2} | {} | {:.0} | {} |",
                result.name,
                if medians.items < scenario.items as f64 {
                    format!(" ({} of {})", number(medians.items), number(scenario.items as f64))
                } else {
                    String::new()
                },
                number(medians.pace),
                ratio(result, bound, pace),
                time(medians.seconds),
                medians.processor,
                ratio(result, bound, processor),
                medians.memory / f64::from(1 << 20),
                number(medians.requests),
            ),
            None => {
                let why = result.missing.as_deref().unwrap_or("did not run");
                writeln!(out, "| {} | {} | | | | | | |", result.name, why.replace('|', "/"))
            }
        };
    }
    out
}

/// A number with at most four significant digits and commas.
fn number(value: f64) -> String {
    let unit = 10_f64.powf((value.max(1.0).log10().floor() - 3.0).max(0.0));
    let digits = format!("{:.0}", (value / unit).round() * unit);
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
}

/// Writes all tables between the markers of `performance.md`, and the plot into `performance.svg`. Scenarios that did not run
/// keep their tables.
pub(crate) fn write(docs: &Path, results: &[(&Scenario, Vec<Result>)]) -> Outcome<()> {
    let path = docs.join("performance.md");
    let text = std::fs::read_to_string(&path)?;
    let (before, rest) = text.split_once(BEGIN).ok_or_else(|| format!("{}: no line `{BEGIN}`", path.display()))?;
    let (old, after) = rest.split_once(END).ok_or_else(|| format!("{}: no line `{END}`", path.display()))?;
    let mut tables = String::new();
    for scenario in SCENARIOS {
        match results.iter().find(|(ran, _)| ran.id == scenario.id) {
            Some((_, results)) => tables.push_str(&table(scenario, results)),
            None => tables.push_str(kept(old, scenario)),
        }
    }
    std::fs::write(&path, format!("{before}{BEGIN}\n\n![items per second](performance.svg)\n{tables}\n{END}{after}"))?;
    std::fs::write(docs.join("performance.svg"), plot::svg(&tables))?;
    Ok(())
}

/// The table of a scenario that is in the file already.
fn kept<'a>(old: &'a str, scenario: &Scenario) -> &'a str {
    let heading = format!("\n**{}** (`{}`)", scenario.title, scenario.id);
    let Some(start) = old.find(&heading) else { return "" };
    let end = old[start + 1..].find("\n**").map_or(old.trim_end().len() + 1, |end| start + 1 + end);
    old.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Said, Took};

    fn result(name: &'static str, seconds: &[f64]) -> Result {
        let sample = |seconds: &f64| Sample {
            said: Said { items: 100_000, seconds: *seconds },
            took: Took { processor: *seconds, memory: 32 << 20 },
            requests: 1_001,
        };
        Result { name, samples: seconds.iter().map(sample).collect(), missing: None }
    }

    #[test]
    fn medians_and_ratios() {
        let missing = Result { name: "kitware", samples: Vec::new(), missing: Some("no | network".into()) };
        let results = [result("bound-typed", &[0.5, 9.0, 0.25]), result("glabflow", &[0.25, 4.5, 0.25]), missing];
        let table = table(&SCENARIOS[0], &results);
        assert!(table.contains("| bound-typed | 200,000 | 1.00 | 500 ms | 0.50 | 1.00 | 32 | 1,001 |"), "{table}");
        assert!(table.contains("| glabflow | 400,000 | 2.00 | 250 ms | 0.25 | 0.50 | 32 | 1,001 |"), "{table}");
        assert!(table.contains("| kitware | no / network |"), "{table}");
    }

    #[test]
    fn tables_that_were_not_run_stay() {
        let docs = std::env::temp_dir().join(format!("glabflow-bench-docs-{}", std::process::id()));
        std::fs::create_dir_all(&docs).expect("a folder");
        let file = docs.join("performance.md");
        std::fs::write(&file, format!("above\n{BEGIN}\n{END}\nbelow\n")).expect("a file");
        write(&docs, &[(&SCENARIOS[0], vec![result("glabflow", &[1.0])])]).expect("it is written");
        write(&docs, &[(&SCENARIOS[2], vec![result("glabflow", &[2.0])])]).expect("it is written");
        let text = std::fs::read_to_string(&file).expect("the file");
        write(&docs, &[(&SCENARIOS[2], vec![result("glabflow", &[2.0])])]).expect("it is written");
        assert_eq!(std::fs::read_to_string(&file).expect("the file"), text);
        let svg = std::fs::read_to_string(docs.join("performance.svg")).expect("the plot");
        std::fs::remove_dir_all(&docs).expect("the folder is there");
        assert!(text.starts_with("above\n") && text.ends_with("\nbelow\n"), "{text}");
        assert!(svg.contains(">100,000 users<") && svg.contains(">20,000 projects<"), "{svg}");
        let (first, second) = (text.find("100,000/s").is_none(), text.find("(`projects`)"));
        assert!(first && text.find("(`users`)") < second && second.is_some(), "{text}");
        assert!(text.contains("| glabflow | 100,000 |") && text.contains("| glabflow | 50,000 |"), "{text}");
    }
}
