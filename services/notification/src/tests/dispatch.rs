//! Many mails, and a mail server that comes and goes.

use rekey_kernel::{Method, ResetId};
use rekey_testing::Backend;
use std::time::Duration;

use crate::{
    domain::job::{JobState, Order},
    ports::SendError,
    testing::{World, order},
};

async fn with_mails(on: Backend, count: u128) -> World {
    let world = World::new(on).await;
    for number in 0..count {
        let reset = ResetId::from_uuid(uuid::Uuid::from_u128(number));
        world.intake.accept(&Order { reset, ..order(&[Method::Link]) }).await.unwrap();
    }
    world
}

fn down() -> SendError {
    SendError::Server("421 closing".into())
}

async fn sent(world: &World) -> usize {
    world.list().await.iter().filter(|delivery| delivery.state == JobState::Sent).count()
}

async fn no_more_are_on_their_way_at_once_than_allowed_and_all_go_out_in_the_end(on: Backend) {
    let world = with_mails(on, 10).await;
    world.dispatcher.pass().await;
    assert!(world.dispatcher.tasks.len() <= 4);
    while sent(&world).await < 10 {
        world.send_due().await;
    }
    assert_eq!(world.mailer.attempts(), 10);
}

async fn while_the_server_is_down_one_mail_at_a_time_asks_and_a_success_releases_all(on: Backend) {
    let world = with_mails(on, 10).await;
    world.mailer.fail([down(), down(), down(), down(), down()]);
    world.send_due().await;
    assert_eq!(world.mailer.attempts(), 4);
    world.send_due().await;
    assert_eq!(world.mailer.attempts(), 4);
    world.clock.advance(Duration::from_secs(1));
    world.send_due().await;
    assert_eq!((world.mailer.attempts(), sent(&world).await), (5, 0));
    world.clock.advance(Duration::from_secs(2));
    world.send_due().await;
    assert_eq!(sent(&world).await, 1);
    while sent(&world).await < 10 {
        world.send_due().await;
    }
    assert_eq!(world.mailer.attempts(), 15);
}

async fn the_probes_go_round_so_that_no_mail_blocks_the_others(on: Backend) {
    let world = with_mails(on, 5).await;
    world.mailer.fail([down(), down(), down(), down(), down()]);
    world.send_due().await;
    world.clock.advance(Duration::from_secs(10));
    world.send_due().await;
    let tried = world.list().await.iter().filter(|delivery| delivery.attempts == 1).count();
    assert_eq!(tried, 5);
}

async fn a_mail_that_was_put_off_waits_on_when_the_server_comes_back(on: Backend) {
    let world = with_mails(on, 2).await;
    world.mailer.fail([SendError::Deferred("451 later".into())]);
    world.send_due().await;
    world.send_due().await;
    assert_eq!((sent(&world).await, world.mailer.attempts()), (1, 2));
}

rekey_testing::on_both_databases![
    no_more_are_on_their_way_at_once_than_allowed_and_all_go_out_in_the_end,
    while_the_server_is_down_one_mail_at_a_time_asks_and_a_success_releases_all,
    the_probes_go_round_so_that_no_mail_blocks_the_others,
    a_mail_that_was_put_off_waits_on_when_the_server_comes_back,
];
