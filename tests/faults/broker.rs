//! The NATS server dies, comes back, forgets.

use crate::load::Load;
use rekey_tests::{Deployment, Options, start};

#[tokio::test]
async fn a_broker_that_is_killed_again_and_again_costs_latency_only() {
    let mut rekey = start(Options::of(Deployment::REPLICAS)).await;
    rekey.harmed();
    let load = Load::begin(&rekey, "user", 40).await;
    for round in 1..=3 {
        load.reaches(round * 8).await;
        let nats = rekey.ground().expect("it runs in parts").nats();
        nats.kill9();
        load.reaches(round * 8 + 4).await;
        nats.go_on();
    }
    let ledger = load.end().await;
    assert_eq!(ledger.refused(), 0, "a trigger needs no broker: {ledger:?}");
    ledger.settle(&rekey).await;
}

#[tokio::test]
async fn a_broker_that_forgets_everything_costs_latency_only() {
    let mut rekey = start(Options::of(Deployment::PARTS)).await;
    rekey.harmed();
    let load = Load::begin(&rekey, "user", 30).await;
    load.reaches(10).await;
    let nats = rekey.ground().expect("it runs in parts").nats();
    nats.kill9();
    nats.wipe();
    nats.go_on();
    let ledger = load.end().await;
    assert_eq!(ledger.refused(), 0, "a trigger needs no broker: {ledger:?}");
    ledger.settle(&rekey).await;
    let after = Load::begin(&rekey, "after", 4).await.end().await;
    after.settle(&rekey).await;
}
