//! What it ran on.

use anyhow::Result;
use serde::Serialize;
use std::{fs, thread};

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) date: String,
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) kernel: String,
    pub(crate) users: u64,
}

impl Machine {
    pub(crate) fn look(users: u64) -> Result<Self> {
        let processors = fs::read_to_string("/proc/cpuinfo")?;
        let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("unknown", |(_, name)| name);
        Ok(Self {
            date: time::OffsetDateTime::now_utc().date().to_string(),
            cores: thread::available_parallelism()?.get(),
            processor: model.to_owned(),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            users,
        })
    }
}
