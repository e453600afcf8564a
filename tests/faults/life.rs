//! How processes start and how they end.

use crate::load::Load;
use rekey_tests::{Deployment, Options, Part, deployment::prepare, start, wait_for};

#[tokio::test]
async fn the_order_of_starting_does_not_matter() {
    let mut rekey = prepare(Options::of(Deployment::REPLICAS).with_own_postgres());
    let client = rekey_tests::api::client();
    let ground = || rekey.ground().expect("it runs in parts");
    ground().postgres().stop();
    ground().nats().kill9();
    ground().smtp().go_down();
    rekey.launch(&[]);
    for part in Part::ALL {
        let ready = rekey.readiness(part, 0);
        wait_for(&format!("{part:?} to say that it is not ready"), async || {
            assert!(!rekey.has_ended(part, 0), "{part:?} gave up:\n{}", rekey.tail());
            client.get(&ready).send().await.is_ok_and(|answer| answer.status() == 503).then_some(())
        })
        .await;
    }
    let ground = rekey.ground().expect("it runs in parts");
    ground.nats().go_on();
    ground.postgres().go_on();
    ground.smtp().come_back_now();
    rekey.ready().await;
    Load::begin(&rekey, "user", 4).await.end().await.settle(&rekey).await;
}

#[tokio::test]
async fn stopped_under_load_everything_ends_in_time_and_nothing_is_lost() {
    let mut rekey = start(Options::of(Deployment::REPLICAS)).await;
    let load = Load::begin(&rekey, "user", 40).await;
    load.reaches(10).await;
    rekey.stop();
    rekey.launch(&[]);
    let ledger = load.end().await;
    rekey.ready().await;
    ledger.settle(&rekey).await;
}

#[tokio::test]
async fn replicas_that_are_replaced_one_by_one_lose_nothing() {
    let mut rekey = start(Options::of(Deployment::REPLICAS)).await;
    for part in [Part::Scim, Part::Authentication, Part::TenantConfig, Part::Notification] {
        let load = Load::begin(&rekey, part.command(), 16).await;
        load.reaches(4).await;
        assert!(rekey.stop_one(part, 0), "{part:?} did not stop within 15 s of SIGTERM");
        let ledger = load.end().await;
        rekey.launch_one(part, 0, &[]);
        rekey.ready().await;
        // A call that meets the connection in the moment in which it closes is answered 503; what it was about is settled all the same.
        ledger.settle(&rekey).await;
    }
}
