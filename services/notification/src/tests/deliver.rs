//! One mail, from its job to its record.

use prost::Message;
use rekey_kernel::{Caller, Kind, Method, Secret, TenantId};
use rekey_messaging::{Event, EventKind};
use rekey_proto::events::v1::{PasswordResetNotified, PasswordResetUndeliverable};
use rekey_testing::Backend;
use std::time::Duration;

use crate::{
    domain::{
        content::WaysIn,
        job::{Job, JobState, MailKind},
    },
    ports::{Jobs, Revealed, SendError},
    testing::{START, World, methods, order},
};

async fn ordered(on: Backend, ways: &[Method]) -> World {
    let world = World::new(on).await;
    world.intake.accept(&order(ways)).await.unwrap();
    world
}

fn ways(token: Option<&str>, code: Option<&str>) -> Revealed {
    let expires_at = START.after(Duration::from_hours(24));
    Revealed::Pending(WaysIn { token: token.map(Secret::new), code: code.map(Secret::new), expires_at })
}

fn channels(event: &Event) -> Vec<i32> {
    assert_eq!(event.kind, EventKind::PasswordResetNotified);
    PasswordResetNotified::decode(event.payload.clone()).unwrap().channels
}

async fn state(world: &World) -> JobState {
    world.list().await[0].state
}

async fn a_mail_is_sent_recorded_and_told(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    world.send_due().await;
    let mails = world.mailer.mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].message_id, "reset-01938e5a-0000-7000-8000-000000000001@example.com");
    assert!(mails[0].text.expose().contains("\nhttps://localhost:9443/t/default/reset#r.tok\n"));
    let delivery = &world.list().await[0];
    assert_eq!((delivery.state, delivery.attempts, delivery.detail.as_str()), (JobState::Sent, 1, "250 Ok"));
    let events = world.published().await;
    assert_eq!((events.len(), channels(&events[0])), (1, vec![Method::Link.number()]));
}

async fn link_and_code_go_in_one_mail(on: Backend) {
    let world = ordered(on, &[Method::Link, Method::Otp]).await;
    world.house.reveal(ways(Some("r.tok"), Some("ABCD1234")));
    world.send_due().await;
    assert_eq!(world.mailer.subjects(), ["AdminForcedPasswordResetWithLinkAndOTP"]);
    assert_eq!(channels(&world.published().await[0]), methods(&[Method::Link, Method::Otp]).numbers());
}

async fn with_an_offline_code_alone_no_mail_is_due_and_that_is_told(on: Backend) {
    let world = ordered(on, &[Method::Offline]).await;
    world.house.set_recipient(|recipient| recipient.address.clear());
    world.send_due().await;
    assert_eq!((world.mailer.attempts(), world.list().await.len()), (0, 0));
    assert!(channels(&world.published().await[0]).is_empty());
}

async fn a_reset_that_ended_is_mailed_no_more(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    world.house.reveal(Revealed::Ended);
    world.send_due().await;
    assert_eq!((state(&world).await, world.mailer.attempts()), (JobState::Dropped, 0));
    assert!(world.published().await.is_empty());
}

async fn the_former_address_is_told_without_link_or_code(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    world.house.set_recipient(|recipient| recipient.previous_address = "old@example.org".into());
    world.send_due().await;
    world.send_due().await;
    let mails = world.mailer.mails.lock().unwrap().clone();
    let notice = mails.iter().find(|mail| mail.to.as_str() == "old@example.org").unwrap();
    assert_eq!(notice.message_id, "notice-01938e5a-0000-7000-8000-000000000001@example.com");
    assert!(!notice.text.expose().contains("tok"));
    assert_eq!((mails.len(), world.published().await.len(), world.list().await.len()), (2, 1, 2));
}

async fn a_refused_recipient_is_undeliverable_and_told(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    world.mailer.fail([SendError::Rejected("550 no such user, link r.tok".into())]);
    world.send_due().await;
    let delivery = &world.list().await[0];
    assert_eq!((delivery.state, delivery.detail.as_str()), (JobState::Undeliverable, "550 no such user, link (withheld)"));
    let events = world.published().await;
    assert_eq!(events[0].kind, EventKind::PasswordResetUndeliverable);
    assert!(PasswordResetUndeliverable::decode(events[0].payload.clone()).unwrap().reason.starts_with("550"));
}

async fn an_address_that_is_none_is_undeliverable(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    world.house.set_recipient(|recipient| recipient.address = "nobody".into());
    world.send_due().await;
    assert_eq!((state(&world).await, world.mailer.attempts()), (JobState::Undeliverable, 0));
}

async fn a_mail_that_is_put_off_waits_longer_each_time_and_keeps_its_date_and_id(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    world.mailer.fail([SendError::Deferred("451 later".into()), SendError::Deferred("451 later".into())]);
    world.send_due().await;
    world.clock.advance(Duration::from_secs(29));
    world.send_due().await;
    assert_eq!(world.mailer.attempts(), 1);
    world.clock.advance(Duration::from_secs(1));
    world.send_due().await;
    assert_eq!(world.mailer.attempts(), 2);
    world.clock.advance(Duration::from_secs(59));
    world.send_due().await;
    assert_eq!(world.mailer.attempts(), 2);
    world.clock.advance(Duration::from_secs(1));
    world.send_due().await;
    assert_eq!((state(&world).await, world.mailer.mails.lock().unwrap()[0].date), (JobState::Sent, START));
}

async fn a_mail_put_off_until_the_reset_expires_is_undeliverable(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    let expires_at = START.after(Duration::from_secs(10));
    world.house.reveal(Revealed::Pending(WaysIn { token: Some(Secret::new("r.tok")), code: None, expires_at }));
    world.mailer.fail([SendError::Deferred("451 later".into())]);
    world.send_due().await;
    world.clock.advance(Duration::from_secs(10));
    world.send_due().await;
    assert_eq!((state(&world).await, world.mailer.attempts()), (JobState::Undeliverable, 1));
    assert_eq!(world.published().await[0].kind, EventKind::PasswordResetUndeliverable);
}

async fn a_service_that_is_down_delays_the_mail_by_seconds(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    *world.house.down.lock().unwrap() = true;
    world.send_due().await;
    assert_eq!(state(&world).await, JobState::Queued);
    *world.house.down.lock().unwrap() = false;
    world.clock.advance(Duration::from_secs(5));
    world.send_due().await;
    assert_eq!(state(&world).await, JobState::Sent);
}

async fn whoever_was_overtaken_records_nothing(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    let claim = || async { world.store.claim(START, START, 1).await.unwrap().remove(0) };
    let (frozen, present): (Job, Job) = (claim().await, claim().await);
    let finish = crate::domain::job::Finish::without_mail(JobState::Dropped, "late");
    assert!(!world.store.finish(&frozen, &finish, START).await.unwrap());
    assert!(!world.store.renew(&frozen, START).await.unwrap());
    assert!(world.store.renew(&present, START.after(Duration::from_secs(15))).await.unwrap());
    assert!(world.store.claim(START, START, 1).await.unwrap().is_empty());
}

async fn a_lease_holds_until_it_runs_out_or_is_voided(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    let until = START.after(Duration::from_secs(15));
    world.store.claim(START, until, 1).await.unwrap();
    assert!(world.store.claim(START, until, 1).await.unwrap().is_empty());
    world.store.void_leases().await.unwrap();
    assert_eq!(world.store.claim(START, until, 1).await.unwrap().len(), 1);
    assert_eq!(world.store.claim(until, until, 1).await.unwrap()[0].attempt, 3);
}

async fn deliveries_are_shown_to_the_own_tenant_with_the_scope(on: Backend) {
    let world = ordered(on, &[Method::Link]).await;
    let own = Caller::system(TenantId::DEFAULT, "test");
    let listed = world.deliveries.list(&own, Some(order(&[]).reset)).await.unwrap();
    assert_eq!((listed.len(), listed[0].kind), (1, MailKind::Reset));
    let other = Caller::system(TenantId::from_uuid(uuid::Uuid::from_u128(9)), "test");
    assert!(world.deliveries.list(&other, None).await.unwrap().is_empty());
    let nobody = Caller { scopes: [].into_iter().collect(), ..own };
    assert!(world.deliveries.list(&nobody, None).await.unwrap_err().is(Kind::Forbidden));
}

rekey_testing::on_both_databases![
    a_mail_is_sent_recorded_and_told,
    link_and_code_go_in_one_mail,
    with_an_offline_code_alone_no_mail_is_due_and_that_is_told,
    a_reset_that_ended_is_mailed_no_more,
    the_former_address_is_told_without_link_or_code,
    a_refused_recipient_is_undeliverable_and_told,
    an_address_that_is_none_is_undeliverable,
    a_mail_that_is_put_off_waits_longer_each_time_and_keeps_its_date_and_id,
    a_mail_put_off_until_the_reset_expires_is_undeliverable,
    a_service_that_is_down_delays_the_mail_by_seconds,
    whoever_was_overtaken_records_nothing,
    a_lease_holds_until_it_runs_out_or_is_voided,
    deliveries_are_shown_to_the_own_tenant_with_the_scope,
];
