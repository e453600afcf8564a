//! Events that come in.

use rekey_kernel::Method;
use rekey_messaging::{Event, Handler, Outcome};
use rekey_testing::Backend;
use sea_orm::{ConnectionTrait, Statement};
use std::sync::Arc;

use crate::{
    domain::job::JobState,
    events::Resets,
    testing::{World, event, order},
};

async fn count(world: &World, table: &str) -> i64 {
    let reader = world.database.reader();
    let statement = Statement::from_string(reader.get_database_backend(), format!("SELECT count(*) AS n FROM {table}"));
    reader.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn an_event_is_done_once_its_job_is_there_and_coming_again_it_adds_none(on: Backend) {
    let world = World::new(on).await;
    let handler = Resets(Arc::clone(&world.intake));
    for _ in 0..3 {
        assert_eq!(handler.handle(&event(&order(&[Method::Link]))).await, Outcome::Done);
    }
    assert_eq!(count(&world, "mail_jobs").await, 1);
    assert_eq!(world.list().await[0].state, JobState::Queued);
}

async fn an_event_that_comes_again_after_the_end_hears_the_outcome_again(on: Backend) {
    let world = World::new(on).await;
    let handler = Resets(Arc::clone(&world.intake));
    handler.handle(&event(&order(&[Method::Link]))).await;
    world.send_due().await;
    let first = world.published().await;
    handler.handle(&event(&order(&[Method::Link]))).await;
    world.send_due().await;
    assert_eq!(world.published().await, first);
    assert_eq!((first.len(), world.mailer.attempts()), (1, 1));
}

async fn what_makes_no_sense_is_discarded_and_kept(on: Backend) {
    let world = World::new(on).await;
    let handler = Resets(Arc::clone(&world.intake));
    let good = event(&order(&[Method::Link]));
    let elsewhere = rekey_kernel::TenantId::from_uuid(uuid::Uuid::from_u128(9));
    let bad = [
        Event { id: "1\0".into(), payload: vec![0xff; 8].into(), ..good.clone() },
        Event { id: "2".into(), payload: Vec::new().into(), ..good.clone() },
        Event { id: "3".into(), tenant: elsewhere, ..good },
        Event { id: "4".into(), ..event(&order(&[])) },
    ];
    for event in &bad {
        assert!(matches!(handler.handle(event).await, Outcome::Discard(_)), "{}", event.id);
    }
    assert_eq!((count(&world, "dead_letters").await, count(&world, "mail_jobs").await), (4, 0));
}

rekey_testing::on_both_databases![
    an_event_is_done_once_its_job_is_there_and_coming_again_it_adds_none,
    an_event_that_comes_again_after_the_end_hears_the_outcome_again,
    what_makes_no_sense_is_discarded_and_kept,
];
