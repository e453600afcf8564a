//! SQL by hand in a process of its own: the same work on the database alone, with as many callers, each beginning anew as soon as it is
//! done. Its orders come as lines of JSON, and so do its answers.

use anyhow::{Context, Result};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use std::{
    io::BufRead,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

use crate::{client::fresh_dice, commits, database::Database, lookups::Lookup, numbers::Slice, people::Dice};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The database of users, for reading: the very one of the product.
    #[arg(long)]
    reading: String,
    /// Copies of the databases of scim and of authentication, for writing.
    #[arg(long)]
    scim: String,
    #[arg(long)]
    authentication: String,
}

/// What to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) what: What,
    pub(crate) callers: usize,
    pub(crate) millis: u64,
    /// How many users there are.
    pub(crate) users: u64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum What {
    UserName,
    ExternalId,
    Email,
    /// The commits of creating a user.
    Create,
    /// The commits of changing one.
    Patch,
    /// One password hash with the parameters of the product.
    Argon2,
}

#[derive(Clone)]
struct Databases {
    reading: Database,
    scim: Database,
    authentication: Database,
    existing: commits::Existing,
}

#[tokio::main]
pub(crate) async fn run(options: &Options) -> Result<()> {
    let (scim, authentication) = (Database::open(&options.scim).await?, Database::open(&options.authentication).await?);
    let existing = commits::sample(&scim).await.context("the users to be changed")?;
    let databases = Databases { reading: Database::open(&options.reading).await?, scim, authentication, existing };
    for line in std::io::stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        println!("{}", serde_json::to_string(&carry_out(&databases, &order).await?)?);
    }
    Ok(())
}

async fn carry_out(databases: &Databases, order: &Order) -> Result<Slice> {
    let mut callers = JoinSet::new();
    let began = Instant::now();
    for _caller in 0..order.callers {
        callers.spawn(caller(databases.clone(), order.clone()));
    }
    let mut latencies = Vec::new();
    while let Some(done) = callers.join_next().await {
        latencies.extend(done??);
    }
    Ok(Slice::of(latencies, began.elapsed()))
}

async fn caller(databases: Databases, order: Order) -> Result<Vec<u32>> {
    let (mut dice, mut latencies) = (fresh_dice(), Vec::new());
    let end = Instant::now() + Duration::from_millis(order.millis);
    loop {
        let began = Instant::now();
        if began >= end {
            return Ok(latencies);
        }
        once(&databases, &order, &mut dice).await?;
        latencies.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
}

async fn once(databases: &Databases, order: &Order, dice: &mut Dice) -> Result<()> {
    let lookup = match order.what {
        What::UserName => Lookup::UserName,
        What::ExternalId => Lookup::ExternalId,
        What::Email => Lookup::Email,
        What::Create => return commits::create(&databases.scim, &databases.authentication, dice).await,
        What::Patch => return commits::patch(&databases.scim, &databases.existing, dice).await,
        What::Argon2 => return hash(),
    };
    lookup.find(&databases.reading, lookup.value(dice, order.users)).await.map(drop)
}

/// The parameters of a password hash that the product uses unless told otherwise.
pub(crate) const MEMORY_KIB: u32 = 19 * 1024;
pub(crate) const ITERATIONS: u32 = 2;

fn hash() -> Result<()> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, 1, Some(32)).map_err(|error| anyhow::anyhow!("{error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; 32];
    argon2.hash_password_into(b"a password of the benchmark", b"sixteen bytes !!", &mut output).map_err(|error| anyhow::anyhow!("{error}"))?;
    std::hint::black_box(output);
    Ok(())
}
