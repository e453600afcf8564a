//! What a slice of measuring gives, and what is made of several.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// One short run of one thing at one concurrency.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Slice {
    /// How many were done.
    pub(crate) done: u64,
    /// How many were answered with anything but what was expected; they are not among those done.
    #[serde(default)]
    pub(crate) failed: u64,
    /// In how long.
    pub(crate) seconds: f64,
    /// Latencies in microseconds.
    pub(crate) mean: f64,
    pub(crate) median: f64,
    pub(crate) p99: f64,
    pub(crate) worst: f64,
    /// Processor seconds of whoever served it, of a database server, and of whoever asked.
    pub(crate) server_cpu: f64,
    pub(crate) database_cpu: f64,
    pub(crate) client_cpu: f64,
    /// PostgreSQL alone: how many transactions wrote something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transactions: Option<i64>,
    /// Rekey alone: what its own metrics say of the calls between its services.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) calls: BTreeMap<String, Calls>,
}

/// Calls of one method in a slice.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Calls {
    pub(crate) each: f64,
    pub(crate) mean_us: f64,
}

impl Slice {
    /// From the latencies of all callers.
    pub(crate) fn of(mut latencies: Vec<u32>, took: Duration) -> Self {
        latencies.sort_unstable();
        let at = |share: f64| latencies.get(index(latencies.len(), share)).copied().map_or(0.0, f64::from);
        let sum: f64 = latencies.iter().copied().map(f64::from).sum();
        Self {
            done: latencies.len() as u64,
            seconds: took.as_secs_f64(),
            mean: sum / count(latencies.len().max(1)),
            median: at(0.5),
            p99: at(0.99),
            worst: at(1.0),
            ..Self::default()
        }
    }

    /// How many in a second.
    pub(crate) fn rate(&self) -> f64 {
        count(usize::try_from(self.done).unwrap_or(usize::MAX)) / self.seconds.max(f64::MIN_POSITIVE)
    }

    /// Processor microseconds of the server for one of them.
    pub(crate) fn server_cpu_each(&self) -> f64 {
        self.each(self.server_cpu)
    }

    /// The same of the database's server.
    pub(crate) fn database_cpu_each(&self) -> f64 {
        self.each(self.database_cpu)
    }

    /// The same of the client.
    pub(crate) fn client_cpu_each(&self) -> f64 {
        self.each(self.client_cpu)
    }

    /// Transactions for one of them, where they are counted.
    pub(crate) fn transactions_each(&self) -> Option<f64> {
        self.transactions.map(|transactions| count(usize::try_from(transactions).unwrap_or_default()) / count(usize::try_from(self.done.max(1)).unwrap_or(1)))
    }

    fn each(&self, seconds: f64) -> f64 {
        seconds * 1e6 / self.seconds.max(f64::MIN_POSITIVE) / self.rate().max(f64::MIN_POSITIVE)
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^52 here")]
fn count(number: usize) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is a length")]
fn index(length: usize, share: f64) -> usize {
    ((count(length.saturating_sub(1))) * share).round() as usize
}

/// The middle of several values and the outermost ones.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (values.first(), values.last()) else { return Self::default() };
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) };
        Self { median, least: *least, most: *most }
    }
}
