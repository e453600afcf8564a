//! The mail server is down for a while.

use crate::load::Load;
use rekey_tests::{Deployment, Options, start};

#[tokio::test]
async fn a_mail_server_that_is_down_gets_every_mail_once_it_is_back() {
    let rekey = start(Options::of(Deployment::REPLICAS)).await;
    let ground = rekey.ground().expect("it runs in parts");
    ground.smtp().go_down();
    let ledger = Load::begin(&rekey, "user", 16).await.end().await;
    assert_eq!(ledger.refused(), 0, "a trigger needs no mail server: {ledger:?}");
    assert!(rekey.deliveries().is_empty());
    ground.smtp().come_back_now();
    ledger.settle(&rekey).await;
}
