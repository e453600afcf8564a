//! A replica freezes with leases in its hands, and thaws when others have long taken over.

use crate::load::Load;
use rekey_tests::{Deployment, Options, Part, start};
use std::time::{Duration, Instant};

/// Longer than any lease.
const PAST_THE_LEASE: Duration = Duration::from_secs(17);

#[tokio::test]
async fn a_scim_frozen_past_its_leases_sends_nothing_twice_and_nothing_else() {
    frozen(Part::Scim).await;
}

#[tokio::test]
async fn a_notification_frozen_past_its_leases_sends_nothing_different() {
    frozen(Part::Notification).await;
}

async fn frozen(part: Part) {
    let mut rekey = start(Options::of(Deployment::REPLICAS)).await;
    let load = Load::begin(&rekey, "user", 30).await;
    load.reaches(6).await;
    rekey.freeze(part, 0);
    let since = Instant::now();
    let ledger = load.end().await;
    // Time has to pass: that is what freezing is about.
    tokio::time::sleep(PAST_THE_LEASE.saturating_sub(since.elapsed())).await;
    rekey.thaw(part, 0);
    rekey.ready().await;
    ledger.settle(&rekey).await;
}
