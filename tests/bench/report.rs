//! The results, as a table for people and as JSON for programs.

use anyhow::{Context, Result};
use serde::Serialize;
use std::{fs, path::Path};

use crate::{
    ground::Kind,
    machine::Machine,
    numbers::{Slice, Spread},
    table,
    work::Round,
};

const BEGIN: &str = "<!-- scim: written by `cargo xtask bench scim` -->";
const END: &str = "<!-- scim: end -->";

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) grounds: Vec<About>,
    pub(crate) rows: Vec<Row>,
}

/// A database, and what holds for all that was measured on it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct About {
    pub(crate) database: Kind,
    pub(crate) version: String,
    /// The users were there from an earlier run.
    pub(crate) reused: bool,
    /// One raw password hash.
    pub(crate) argon2: Slice,
}

/// One thing at one concurrency on one database.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) database: Kind,
    pub(crate) work: String,
    pub(crate) callers: usize,
    /// The least share of the control's rate.
    pub(crate) goal: Option<f64>,
    #[serde(skip)]
    pub(crate) method: &'static str,
    pub(crate) rounds: Vec<Round>,
}

impl Row {
    /// Rekey's rate as a share of the control's, round by round.
    pub(crate) fn share(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|round| round.rekey.rate() / round.control.rate()))
    }

    /// Nothing where there is no goal.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.goal.map(|goal| self.share().median >= goal && !self.flatters() && self.failed() == 0)
    }

    /// Requests that Rekey answered with a failure.
    pub(crate) fn failed(&self) -> u64 {
        self.rounds.iter().map(|round| round.rekey.failed).sum()
    }

    /// Does the control commit more often than Rekey? Then Rekey has changed, and `commits.rs` must follow.
    pub(crate) fn flatters(&self) -> bool {
        self.transactions().is_some_and(|(rekey, control)| control.median > rekey.median + 0.05)
    }

    /// Is it compared as time rather than as rate?
    pub(crate) fn is_filter(&self) -> bool {
        self.rounds.iter().all(|round| round.sql.is_some())
    }

    /// scim's part of a filter, by the product's own clock, against the SQL alone.
    pub(crate) fn query_times_sql(&self) -> Option<Spread> {
        let times = |round: &Round| Some(round.rekey.calls.get(self.method)?.mean_us / round.sql.as_ref()?.mean);
        self.rounds.iter().map(times).collect::<Option<Vec<_>>>().map(Spread::of)
    }

    pub(crate) fn rekey(&self, what: impl Fn(&Slice) -> f64) -> Spread {
        Spread::of(self.rounds.iter().map(|round| what(&round.rekey)))
    }

    pub(crate) fn control(&self, what: impl Fn(&Slice) -> f64) -> Spread {
        Spread::of(self.rounds.iter().map(|round| what(&round.control)))
    }

    pub(crate) fn sql(&self, what: impl Fn(&Slice) -> f64) -> Spread {
        Spread::of(self.rounds.iter().filter_map(|round| round.sql.as_ref()).map(what))
    }

    /// Transactions that wrote something, for each request: Rekey's and the control's.
    pub(crate) fn transactions(&self) -> Option<(Spread, Spread)> {
        let of = |slice: fn(&Round) -> &Slice| self.rounds.iter().map(|round| slice(round).transactions_each()).collect::<Option<Vec<_>>>().map(Spread::of);
        of(|round| &round.rekey).zip(of(|round| &round.control))
    }

    /// For whoever watches.
    pub(crate) fn line(&self) -> String {
        let share = self.share();
        let query = self.query_times_sql().map(|times| format!(", query part {:.2} × SQL", times.median)).unwrap_or_default();
        format!(
            "{:<10} {:<24} {:>2} callers: {:>7.0}/s of {:>7.0}/s = {:>3.0} % ({:.0}–{:.0}), p99 {:.1} ms, server {:.0} µs, control's {:.0} µs{query}",
            self.database.name(),
            self.work,
            self.callers,
            self.rekey(Slice::rate).median,
            self.control(Slice::rate).median,
            share.median * 100.0,
            share.least * 100.0,
            share.most * 100.0,
            self.rekey(|slice| slice.p99).median / 1e3,
            self.rekey(Slice::server_cpu_each).median,
            self.control(Slice::server_cpu_each).median,
        )
    }
}

/// Prints the table, and writes it where it is wanted.
pub(crate) fn write(report: &Report, table: Option<&Path>, json: Option<&Path>) -> Result<()> {
    let text = table::markdown(report);
    println!("\n{text}");
    if let Some(path) = json {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, serde_json::to_string_pretty(report)? + "\n")?;
    }
    let Some(path) = table else { return Ok(()) };
    let page = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let place = || format!("{} has no place for the table: {BEGIN} … {END}", path.display());
    let (before, rest) = page.split_once(BEGIN).with_context(place)?;
    let (_, after) = rest.split_once(END).with_context(place)?;
    Ok(fs::write(path, format!("{before}{BEGIN}\n{text}\n{END}{after}"))?)
}
