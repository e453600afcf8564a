//! Processor seconds of processes, from `/proc`.

use anyhow::{Context, Result};
use std::fs;

/// Ticks in a second: `USER_HZ`, which is 100 on every Linux that this runs on.
const TICKS: f64 = 100.0;

/// Seconds that a process has used so far, in user and kernel mode.
pub(crate) fn of(process: u32) -> Result<f64> {
    Ok(seconds(process)?.0)
}

/// The same of several together.
pub(crate) fn of_all(processes: &[u32]) -> Result<f64> {
    processes.iter().map(|process| of(*process)).sum()
}

/// The same with all its children, present and past: PostgreSQL serves each connection by a child.
pub(crate) fn of_family(process: u32) -> Result<f64> {
    let (own, ended) = seconds(process)?;
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    // One that ended in between is counted with the ended ones next time.
    let living = children.split_whitespace().filter_map(|child| seconds(child.parse().ok()?).ok()).map(|(own, ended)| own + ended);
    Ok(own + ended + living.sum::<f64>())
}

/// Its own seconds, and those of its children that ended.
fn seconds(process: u32) -> Result<(f64, f64)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).with_context(|| format!("process {process} is gone"))?;
    // The second field is the name in brackets, which may hold anything; the numbers stand behind it, the state being the third.
    let (_, numbers) = stat.rsplit_once(')').context("/proc/<pid>/stat has another form")?;
    let fields: Vec<_> = numbers.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok()).context("/proc/<pid>/stat has another form");
    Ok(((ticks(14)? + ticks(15)?) / TICKS, (ticks(16)? + ticks(17)?) / TICKS))
}
