//! Rows of JSON objects as columns of text.

use crate::console::printable;
use serde_json::Value;
use std::io::{self, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that identify a thing, the most important first, with their names in REST and in GraphQL.
const PREFERRED: [&str; 19] = [
    "id",
    "iid",
    "key",
    "name",
    "title",
    "username",
    "path_with_namespace",
    "full_path",
    "fullPath",
    "path",
    "state",
    "status",
    "ref",
    "visibility",
    "access_level",
    "created_at",
    "createdAt",
    LINKS[0],
    LINKS[1],
];

/// The web link, as REST and GraphQL name it.
const LINKS: [&str; 2] = ["web_url", "webUrl"];

/// The number of columns that are chosen by default.
const CHOSEN: usize = 6;

/// The maximum width of a column.
const WIDEST: usize = 60;

/// The minimum width of a column.
const NARROWEST: usize = 8;

/// The space between two columns.
const GAP: usize = 2;

/// A table that is written while its rows arrive. The first rows determine columns and widths.
#[derive(Debug)]
pub(crate) struct Table {
    wanted: Vec<String>,
    screen: Option<usize>,
    /// Whether the last columns are dropped before the others are cut.
    droppable: bool,
    layout: Option<Vec<Column>>,
}

#[derive(Debug)]
struct Column {
    path: String,
    width: usize,
}

impl Table {
    /// A table of these columns, or of the most useful ones. Cells are cut to the width of a screen.
    pub(crate) fn new(wanted: Vec<String>, screen: Option<usize>) -> Self {
        let droppable = wanted.is_empty();
        Table { wanted, screen, droppable, layout: None }
    }

    /// The same table, which drops its last columns before it cuts the others.
    pub(crate) fn droppable(self) -> Self {
        Table { droppable: true, ..self }
    }

    /// Writes rows, with the header above the first.
    pub(crate) fn rows(&mut self, out: &mut impl Write, rows: &[Value]) -> io::Result<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        let columns = match &mut self.layout {
            Some(columns) => columns,
            slot => {
                let paths = if self.wanted.is_empty() { choose(first, rows) } else { self.wanted.clone() };
                let columns = slot.insert(measure(paths, rows));
                fit(columns, self.screen, self.droppable);
                let header: Vec<String> = columns.iter().map(|column| column.path.to_uppercase()).collect();
                write_row(out, columns, header, self.screen)?;
                columns
            }
        };
        for row in rows {
            write_row(out, columns, columns.iter().map(|column| cell(row, &column.path)).collect(), self.screen)?;
        }
        Ok(())
    }

    /// Writes one object as a table of its members.
    pub(crate) fn members(&mut self, out: &mut impl Write, object: &Value) -> io::Result<()> {
        let Value::Object(members) = object else { return self.rows(out, std::slice::from_ref(object)) };
        let names: Vec<&str> = match self.wanted.as_slice() {
            [] => members.keys().map(String::as_str).collect(),
            wanted => wanted.iter().map(String::as_str).collect(),
        };
        let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
        let mut columns = vec![Column { path: String::new(), width }, Column { path: String::new(), width: 0 }];
        if let Some(screen) = self.screen {
            columns[1].width = screen.saturating_sub(width + GAP).max(NARROWEST);
        }
        names
            .into_iter()
            .try_for_each(|name| write_row(out, &columns, vec![printable(name), cell(object, name)], self.screen))
    }
}

/// The most useful columns of these rows.
fn choose(first: &Value, rows: &[Value]) -> Vec<String> {
    let present = |name: &str| rows.iter().any(|row| row.get(name).is_some_and(|value| !value.is_null()));
    let mut chosen: Vec<String> =
        PREFERRED.iter().filter(|name| present(name)).take(CHOSEN).map(|name| (*name).to_owned()).collect();
    // The web link is more useful than the last of the others.
    if let (CHOSEN, Some(link)) = (chosen.len(), LINKS.into_iter().find(|name| present(name))) {
        chosen[CHOSEN - 1] = link.to_owned();
    }
    if chosen.is_empty() {
        let plain = |value: &Value| !value.is_object() && !value.is_array();
        chosen = match first.as_object() {
            Some(members) => {
                members.iter().filter(|(_, value)| plain(value)).map(|(name, _)| name.clone()).take(CHOSEN).collect()
            }
            None => vec!["value".to_owned()],
        };
    }
    chosen
}

fn measure(paths: Vec<String>, rows: &[Value]) -> Vec<Column> {
    paths
        .into_iter()
        .map(|path| {
            let widest = rows.iter().map(|row| cell(row, &path).width()).max().unwrap_or(0);
            let width = widest.max(path.width()).min(WIDEST);
            Column { path, width }
        })
        .collect()
}

/// Makes columns fit the screen: drops the last ones if allowed, then narrows the widest ones.
fn fit(columns: &mut Vec<Column>, screen: Option<usize>, may_drop: bool) {
    let Some(screen) = screen else { return };
    let total = |columns: &[Column]| columns.iter().map(|column| column.width + GAP).sum::<usize>().saturating_sub(GAP);
    while may_drop && columns.len() > 2 && total(columns) > screen {
        columns.pop();
    }
    while total(columns) > screen {
        match columns.iter_mut().max_by_key(|column| column.width) {
            Some(widest) if widest.width > NARROWEST => widest.width -= 1,
            _ => break,
        }
    }
}

fn write_row(out: &mut impl Write, columns: &[Column], cells: Vec<String>, screen: Option<usize>) -> io::Result<()> {
    let mut line = String::new();
    for (column, cell) in columns.iter().zip(cells) {
        // In a pipe nothing is cut.
        let cell = if screen.is_some() { cut(cell, column.width) } else { cell };
        line.push_str(&cell);
        let missing = column.width.saturating_sub(cell.width()) + GAP;
        line.extend(std::iter::repeat_n(' ', missing));
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    out.write_all(line.as_bytes())
}

/// A text of at most this width. An ellipsis marks a cut.
fn cut(text: String, width: usize) -> String {
    if text.width() <= width {
        return text;
    }
    let (mut short, mut used) = (String::new(), 1);
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used > width {
            break;
        }
        short.push(letter);
    }
    short.push('…');
    short
}

/// The text of a value at a dotted path of a row. Names of members may contain dots.
fn cell(row: &Value, path: &str) -> String {
    fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
        value.get(path).or_else(|| {
            let (head, rest) = path.split_once('.')?;
            find(value.get(head)?, rest)
        })
    }
    match row {
        Value::Object(_) => find(row, path).map_or_else(String::new, text),
        plain => text(plain),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => printable(text),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        other => printable(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table(wanted: &[&str], screen: Option<usize>, pages: &[Vec<Value>]) -> String {
        let mut table = Table::new(wanted.iter().map(|name| (*name).to_owned()).collect(), screen);
        let mut out = Vec::new();
        pages.iter().try_for_each(|rows| table.rows(&mut out, rows)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn useful_columns_are_chosen() {
        let rows = vec![
            json!({"avatar_url": null, "bio": "x", "id": 1, "name": "Ada", "state": "active", "username": "ada"}),
            json!({"avatar_url": null, "bio": "x", "id": 20, "name": "Grace", "state": "blocked", "username": "grace"}),
        ];
        insta::assert_snapshot!(table(&[], None, &[rows]), @r"
        ID  NAME   USERNAME  STATE
        1   Ada    ada       active
        20  Grace  grace     blocked
        ");
    }

    #[test]
    fn later_pages_keep_the_layout_and_are_not_cut() {
        let pages = [vec![json!({"name": "a"})], vec![json!({"name": "much longer than the first", "id": 1})]];
        assert_eq!(table(&["name", "id"], None, &pages), "NAME  ID\na\nmuch longer than the first  1\n");
    }

    #[test]
    fn cells_are_cut_to_the_screen() {
        let rows = vec![
            json!({"id": 1, "title": "An issue with a very long title 漢字漢字漢字漢字", "web_url": "https://example.com/1"}),
        ];
        for line in table(&[], Some(30), std::slice::from_ref(&rows)).lines() {
            assert!(line.width() <= 30, "{line}");
        }
        let wanted = table(&["title", "web_url"], Some(30), &[rows]);
        assert!(wanted.lines().all(|line| line.width() <= 30), "{wanted}");
        assert!(wanted.starts_with("TITLE"), "{wanted}");
        assert!(wanted.contains("WEB_URL"), "{wanted}");
    }

    #[test]
    fn droppable_columns_are_dropped_before_others_are_cut() {
        let wanted = ["id", "path", "call"].map(str::to_owned).to_vec();
        let row = json!({"id": "get_project", "path": "/projects/{id}", "call": "gl.projects().get(project)"});
        let mut out = Vec::new();
        Table::new(wanted, Some(40)).droppable().rows(&mut out, &[row]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "ID           PATH\nget_project  /projects/{id}\n");
    }

    #[test]
    fn cells_read_nested_values() {
        let row =
            json!({"owner": {"username": "ada"}, "labels": ["a", "b"], "a.b": 1, "links": [{"x": 1}], "none": null});
        let cells = ["owner.username", "labels", "a.b", "links", "none", "missing"].map(|path| cell(&row, path));
        assert_eq!(cells, ["ada", "a, b", "1", "[{\"x\":1}]", "", ""]);
        assert_eq!(cell(&json!("main"), "value"), "main");
    }

    #[test]
    fn object_is_printed_as_a_table_of_its_members() {
        let mut out = Vec::new();
        Table::new(vec![], None).members(&mut out, &json!({"revision": "abc", "version": "18.6.0"})).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "revision  abc\nversion   18.6.0\n");
    }
}
