//! The table for people.

use std::fmt::Write as _;

use crate::{
    driver::{ITERATIONS, MEMORY_KIB},
    ground::Kind,
    numbers::{Slice, Spread},
    report::{About, Report, Row},
};

pub(crate) fn markdown(report: &Report) -> String {
    let mut text = conditions(report);
    for about in &report.grounds {
        let rows: Vec<_> = report.rows.iter().filter(|row| row.database == about.database).collect();
        let _ = write!(text, "\n### {}\n\n{}\n{}", about.database.name(), results(&rows), filters(&rows));
        text += &authentication(about, &rows);
        text += &transactions(&rows);
    }
    text
}

fn conditions(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = format!(
        "{}, {} cores ({}), Linux {}, {} users; release build; one process with the in-memory bus unless a line says otherwise; Argon2id m={MEMORY_KIB} KiB, t={ITERATIONS}, p=1.\n",
        machine.date, machine.cores, machine.processor, machine.kernel, machine.users
    );
    for about in &report.grounds {
        let sync = match about.database {
            Kind::Sqlite => "WAL, `synchronous=FULL`, one writer and four readers",
            Kind::Postgres => "its own settings (`fsync=on`, `synchronous_commit=on`), 16 connections a service, on the same machine",
        };
        let _ = writeln!(text, "{}: {sync}.", about.version);
    }
    text
}

fn results(rows: &[&Row]) -> String {
    let mut text = String::from(
        "| work | callers | Rekey, 1/s | control, 1/s | reached (spread) | goal | met | p50, ms | p99, ms | control's p99, ms | \
         CPU a request, µs: server, database, client | control's: server, database |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let cpu = [Slice::server_cpu_each, Slice::database_cpu_each, Slice::client_cpu_each].map(|what| format!("{:.0}", row.rekey(what).median));
        let control = [Slice::server_cpu_each, Slice::database_cpu_each].map(|what| format!("{:.0}", row.control(what).median));
        let (reached, goal) = reached(row);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {reached} | {goal} | {} | {:.2} | {:.2} | {:.2} | {} | {} |",
            row.work,
            row.callers,
            rates(row.rekey(Slice::rate)),
            rates(row.control(Slice::rate)),
            met(row),
            row.rekey(|slice| slice.median).median / 1e3,
            row.rekey(|slice| slice.p99).median / 1e3,
            row.control(|slice| slice.p99).median / 1e3,
            cpu.join(", "),
            control.join(", "),
        );
    }
    text
}

/// Where Rekey answered with failures, no goal is met.
fn met(row: &Row) -> String {
    let met = row.is_met().map_or("", |met| if met { "yes" } else { "**no**" });
    if row.failed() == 0 { met.to_owned() } else { format!("{met} ({} failed)", row.failed()) }
}

fn rates(rate: Spread) -> String {
    format!("{:.0} ({:.0}–{:.0})", rate.median, rate.least, rate.most)
}

/// Filters are told as times, all else as shares.
fn reached(row: &Row) -> (String, String) {
    let share = row.share();
    if row.is_filter() {
        let goal = row.goal.map(|goal| format!("≤ {:.1} ×", 1.0 / goal)).unwrap_or_default();
        return (format!("{:.2} × ({:.2}–{:.2})", 1.0 / share.median, 1.0 / share.most, 1.0 / share.least), goal);
    }
    let percent = |share: f64| share * 100.0;
    let goal = row.goal.map(|goal| format!("≥ {:.0} %", percent(goal))).unwrap_or_default();
    (format!("{:.0} % ({:.0}–{:.0})", percent(share.median), percent(share.least), percent(share.most)), goal)
}

/// What the filters cost without HTTPS and hops.
fn filters(rows: &[&Row]) -> String {
    let mut text =
        String::from("| filter | callers | scim's call, mean µs | SQL by hand, mean µs | ratio (spread) | SQL by hand, 1/s |\n|---|---|---|---|---|---|\n");
    for row in rows {
        let Some(times) = row.query_times_sql() else { continue };
        let call = row.rekey(|slice| slice.calls.get(row.method).map_or(0.0, |calls| calls.mean_us)).median;
        let (mean, rate) = (row.sql(|slice| slice.mean).median, row.sql(Slice::rate).median);
        let _ = writeln!(
            text,
            "| {} | {} | {call:.0} | {mean:.0} | {:.2} × ({:.2}–{:.2}) | {rate:.0} |",
            row.work, row.callers, times.median, times.least, times.most
        );
    }
    text
}

/// The caller's part.
fn authentication(about: &About, rows: &[&Row]) -> String {
    let argon2 = about.argon2.mean / 1e3;
    let mut text = format!("\nOne raw Argon2id: {argon2:.1} ms. Authenticating the caller, by the product's own clock with one caller: ");
    let alone = rows.iter().filter(|row| row.callers == 1);
    let parts = alone.map(|row| {
        let verify = row.rekey(|slice| slice.calls.get("rekey.authentication.v1.Authentication/VerifyPassword").map_or(0.0, |calls| calls.mean_us)).median;
        format!("{} {verify:.0} µs of {:.0} µs", row.work, row.rekey(|slice| slice.mean).median)
    });
    text += &parts.collect::<Vec<_>>().join(", ");
    text + ".\n"
}

/// Do both sides commit as often?
fn transactions(rows: &[&Row]) -> String {
    let changing = rows.iter().filter(|row| row.callers == 1);
    let counted =
        changing.filter_map(|row| row.transactions().map(|(rekey, control)| format!("{} {:.1}, control {:.1}", row.work, rekey.median, control.median)));
    let counted: Vec<_> = counted.collect();
    if counted.is_empty() {
        return String::new();
    }
    let warning = if rows.iter().any(|row| row.flatters()) {
        " **The control commits more often than Rekey: it must be adapted, and no such goal counts as met.**"
    } else {
        ""
    };
    format!("\nTransactions that wrote something, for each request: {}.{warning}\n", counted.join("; "))
}
