//! A replica is killed with SIGKILL in the middle of triggers.

use crate::load::{Load, user_named};
use rekey_tests::{Deployment, Options, Part, Rekey, start, wait_for};

/// Each place where a process may die, in the order in which a trigger passes them.
const PLACES: [(Part, &str); 9] = [
    (Part::Scim, "scim.trigger.prepared"),
    (Part::Scim, "scim.trigger.committed"),
    (Part::Scim, "scim.trigger.applied"),
    (Part::Scim, "scim.relay.claimed"),
    (Part::Scim, "scim.relay.published"),
    (Part::Notification, "notification.job.inserted"),
    (Part::Notification, "notification.mail.rendered"),
    (Part::Notification, "notification.mail.sent"),
    (Part::Notification, "notification.mail.recorded"),
];

#[tokio::test]
async fn a_killed_gateway_costs_nothing_that_was_answered() {
    kill_under_load(Part::Gateway).await;
}

#[tokio::test]
async fn a_killed_scim_costs_nothing_that_was_answered() {
    kill_under_load(Part::Scim).await;
}

#[tokio::test]
async fn a_killed_authentication_costs_nothing_that_was_answered() {
    kill_under_load(Part::Authentication).await;
}

#[tokio::test]
async fn a_killed_tenant_config_costs_nothing_that_was_answered() {
    kill_under_load(Part::TenantConfig).await;
}

#[tokio::test]
async fn a_killed_notification_costs_nothing_that_was_answered() {
    kill_under_load(Part::Notification).await;
}

/// The other replicas carry on; the dead one is never needed again.
async fn kill_under_load(part: Part) {
    let mut rekey = start(Options::of(Deployment::REPLICAS)).await;
    let load = Load::begin(&rekey, "user", 30).await;
    load.reaches(8).await;
    rekey.kill9_one(part, 0);
    let ledger = load.end().await;
    assert!(ledger.done() >= 15, "the loss of one replica cost {} of {} triggers: {ledger:?}", 30 - ledger.done(), 30);
    if part == Part::Gateway {
        // Whoever balances over the gateways has noticed by now; the harness does not.
        rekey.launch_one(part, 0, &[]);
        rekey.ready().await;
    } else {
        let calm = Load::begin(&rekey, "later", 6).await.end().await;
        assert_eq!(calm.refused(), 0, "a replica that has long been dead costs triggers: {calm:?}");
        calm.settle(&rekey).await;
    }
    ledger.settle(&rekey).await;
}

#[tokio::test]
async fn killed_at_every_step_of_a_trigger_another_replica_takes_over() {
    let mut rekey = start(Options::of(Deployment::REPLICAS)).await;
    let mut ledgers = Vec::new();
    for (number, (part, place)) in PLACES.into_iter().enumerate() {
        assert!(rekey.stop_one(part, 0), "{part:?} does not stop");
        rekey.launch_one(part, 0, &[("REKEY_CRASH_AT", place)]);
        rekey.ready().await;
        ledgers.extend(trigger_until_it_dies(&mut rekey, part, number).await);
        rekey.harmed();
        rekey.launch_one(part, 0, &[]);
    }
    rekey.ready().await;
    for ledger in ledgers {
        ledger.settle(&rekey).await;
    }
}

/// Which replica does the work is chance: so there is work until the one with the crash point has had its share.
async fn trigger_until_it_dies(rekey: &mut Rekey, part: Part, number: usize) -> Vec<crate::ledger::Ledger> {
    let mut ledgers = Vec::new();
    for round in 0..10 {
        ledgers.push(Load::begin(rekey, &format!("at-{number}-{round}"), 4).await.end().await);
        let admin = rekey.admin();
        let last = user_named(&admin, &format!("last-{number}-{round}")).await;
        admin.try_get(&last.path()).await.expect("an answer");
        if rekey.has_ended(part, 0) {
            return ledgers;
        }
    }
    wait_for("the replica with the crash point to die", async || rekey.has_ended(part, 0).then_some(())).await;
    ledgers
}
