//! A model of a server whose lists change while they are read.

use glabflow_test_server::{Reply, Request, json};
use serde_json::{Value, json as value};
use std::collections::{BTreeMap, BTreeSet};

/// How a server interprets limits of ranges and writes times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manners {
    /// Whether a limit belongs to the range.
    pub(super) inclusive: bool,
    /// Whether keyset pagination is supported, rejected or ignored.
    pub(super) keyset: Keysets,
    /// Whether times lack fractions of a second.
    pub(super) coarse: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Keysets {
    Known,
    Refused,
    Ignored,
}

/// A list of things: id and time of creation in microseconds.
pub(super) struct Model {
    pub(super) things: BTreeMap<i64, i64>,
    /// Things that are never removed.
    pub(super) stay: BTreeSet<i64>,
    /// The highest id so far: no id is used twice.
    pub(super) highest: i64,
    pub(super) random: u64,
    pub(super) changes: bool,
    pub(super) manners: Manners,
}

impl Model {
    fn dice(&mut self, sides: u64) -> u64 {
        // A linear congruential generator; its upper bits are good enough.
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % sides
    }

    /// Things whose times are dense in some periods and sparse in others.
    pub(super) fn new(seed: u64, length: u64, changes: bool, manners: Manners) -> Self {
        let stay = BTreeSet::new();
        let mut model = Model { things: BTreeMap::new(), stay, highest: 0, random: seed, changes, manners };
        let (mut id, mut time) = (0, 1_700_000_000_000_000);
        for _ in 0..length {
            id += 1 + if model.dice(20) == 0 { model.dice(5_000) as i64 } else { 0 };
            time += match model.dice(40) {
                0 => 86_400_000_000 * model.dice(50) as i64,
                1..5 => model.dice(3_000_000_000) as i64,
                5..20 => model.dice(40_000) as i64,
                _ => 0,
            };
            model.things.insert(id, time);
            if !changes || model.dice(3) > 0 {
                model.stay.insert(id);
            }
        }
        model.highest = id;
        model
    }

    /// Imported things: each second has `crowd` of them, or up to two more.
    pub(super) fn dense(seed: u64, length: u64, crowd: u64, manners: Manners) -> Self {
        let stay = BTreeSet::new();
        let mut model = Model { things: BTreeMap::new(), stay, highest: 0, random: seed, changes: true, manners };
        let (mut id, mut time) = (0, 1_700_000_000_000_000);
        while id < length as i64 {
            for _ in 0..crowd + model.dice(3) {
                id += 1;
                let fraction = model.dice(1_000_000) as i64;
                model.things.insert(id, time + fraction);
                if model.dice(4) > 0 {
                    model.stay.insert(id);
                }
            }
            time += 1_000_000;
        }
        model.highest = id;
        model
    }

    /// Changes the list between two requests.
    fn change(&mut self) {
        if !self.changes {
            return;
        }
        for _ in 0..self.dice(4) {
            let mortal: Vec<i64> = self.things.keys().filter(|id| !self.stay.contains(id)).copied().collect();
            if !mortal.is_empty() {
                let at = self.dice(mortal.len() as u64) as usize;
                self.things.remove(&mortal[at]);
            }
        }
        for _ in 0..self.dice(3) {
            self.highest += 1 + self.dice(3) as i64;
            let time = self.things.values().max().copied().unwrap_or(0) + self.dice(2_000_000) as i64;
            self.things.insert(self.highest, time);
        }
    }

    fn time(&self, micros: i64) -> String {
        let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
        let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // The date of a day since 1970.
        let (mut year, mut day) = (1970, day);
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        while day >= if leap(year) { 366 } else { 365 } {
            day -= if leap(year) { 366 } else { 365 };
            year += 1;
        }
        let mut month = 0;
        let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        while day >= lengths[month] {
            day -= lengths[month];
            month += 1;
        }
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let fraction = if self.manners.coarse { String::new() } else { format!(".{:03}", micros / 1000) };
        format!("{year}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z", month + 1, day + 1)
    }

    pub(super) fn answer(&mut self, request: &Request) -> Reply {
        self.change();
        let by_keyset = request.query("pagination") == Some("keyset");
        if by_keyset && matches!(self.manners.keyset, Keysets::Refused) {
            return json(405, r#"{"message": "405 Method Not Allowed"}"#);
        }
        let by_keyset = by_keyset && matches!(self.manners.keyset, Keysets::Known);
        let number = |name: &str| request.query(name).and_then(|text| text.parse::<i64>().ok());
        let moment = |name: &str| {
            let text = request.query(name)?.replace("%3A", ":");
            Some(
                i64::try_from(glabflow::DateTime::new(&text).unix_nanos()? / 1000).expect("a time in the range of i64"),
            )
        };
        let inclusive = self.manners.inclusive;
        let above = |value: i64, end: Option<i64>| end.is_none_or(|end| value > end || (inclusive && value == end));
        let below = |value: i64, end: Option<i64>| end.is_none_or(|end| value < end || (inclusive && value == end));
        let ids = (number("id_after"), number("id_before"));
        let times = (moment("created_after"), moment("created_before"));
        let by_time = request.query("order_by") == Some("created_at");
        let mut things: Vec<(i64, i64)> = self
            .things
            .iter()
            .filter(|(id, _)| above(**id, ids.0) && below(**id, ids.1))
            .filter(|(_, time)| above(**time, times.0) && below(**time, times.1))
            .map(|(id, time)| (if by_time { *time } else { *id }, *id))
            .collect();
        things.sort_unstable();
        let down = request.query("sort").unwrap_or("desc") == "desc";
        if down {
            things.reverse();
        }
        let per_page = number("per_page").unwrap_or(20) as usize;
        let cursor = request.query("cursor").and_then(|text| {
            let (key, id) = text.split_once('_')?;
            Some((key.parse::<i64>().ok()?, id.parse::<i64>().ok()?))
        });
        let page = number("page").unwrap_or(1) as usize;
        let rest: Vec<(i64, i64)> = if by_keyset {
            things
                .into_iter()
                .filter(|at| cursor.is_none_or(|cursor| if down { *at < cursor } else { *at > cursor }))
                .collect()
        } else {
            things.into_iter().skip((page - 1) * per_page).collect()
        };
        let body: Vec<Value> = rest
            .iter()
            .take(per_page)
            .map(|(_, id)| value!({"id": id, "created_at": self.time(self.things[id])}))
            .collect();
        let mut reply = json(200, Value::from(body).to_string());
        let more = rest.len() > per_page;
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let kept: Vec<&str> =
            query.split('&').filter(|pair| !pair.starts_with("cursor=") && !pair.starts_with("page=")).collect();
        if by_keyset {
            if more {
                let (key, id) = rest[per_page - 1];
                reply = reply.with("Link", format!("<{path}?{}&cursor={key}_{id}>; rel=\"next\"", kept.join("&")));
            }
            return reply;
        }
        reply = reply.with("X-Page", page.to_string());
        if more {
            reply = reply.with("Link", format!("<{path}?{}&page={}>; rel=\"next\"", kept.join("&"), page + 1));
        }
        reply
    }
}
