//! Makes the users, through the public API.

use anyhow::{Result, bail};
use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

use crate::{
    house::{House, request},
    people,
};

/// Users in one bulk request, and how many requests at once.
const AT_A_TIME: u64 = 1_000;
const AT_ONCE: usize = 4;

/// Makes the users 0 to `users`.
pub(crate) fn fill(house: &House, users: u64) -> Result<()> {
    let (next, began) = (AtomicU64::new(0), Instant::now());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| work(house, users, &next))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a worker died")))
    })?;
    println!("{users} users in {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

fn work(house: &House, users: u64, next: &AtomicU64) -> Result<()> {
    loop {
        let first = next.fetch_add(AT_A_TIME, Ordering::Relaxed);
        if first >= users {
            return Ok(());
        }
        make(house, first..users.min(first + AT_A_TIME))?;
    }
}

fn make(house: &House, numbers: std::ops::Range<u64>) -> Result<()> {
    let operations: Vec<_> = numbers.map(operation).collect();
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let answer: Value = serde_json::from_slice(&house.ask(request(Method::POST, "/scim2/Bulk", Bytes::from(body.to_string())), StatusCode::OK)?)?;
    let made = answer["Operations"].as_array().map(Vec::as_slice).unwrap_or_default();
    match made.iter().find(|one| one["status"] != "201") {
        Some(refused) => bail!("a user was not made: {refused}"),
        None if made.len() != operations.len() => bail!("{} of {} users were made", made.len(), operations.len()),
        None => Ok(()),
    }
}

fn operation(number: u64) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": people::document(number) })
}
