//! Death between the request and the mail: nothing is lost, nothing comes twice.

use rekey_tests::{Mail, Options, Rekey, User, fresh_password, start, users::guide_body};
use std::os::unix::process::ExitStatusExt;

/// The places where the program may die, in the order in which a trigger passes them; nothing was committed before the first.
const BEFORE_ANYTHING: &str = "scim.trigger.prepared";
const AFTER_THE_COMMIT: [&str; 8] = [
    "scim.trigger.committed",
    "scim.trigger.applied",
    "scim.relay.claimed",
    "scim.relay.published",
    "notification.job.inserted",
    "notification.mail.rendered",
    "notification.mail.sent",
    "notification.mail.recorded",
];

#[tokio::test]
async fn killed_before_the_commit_nothing_has_happened() {
    let mut rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let before = admin.snapshot(&user).await;
    die_at(&mut rekey, &user, BEFORE_ANYTHING).await;
    rekey.restart(&[]).await;

    assert_eq!(admin.snapshot(&user).await, before);
    rekey.anyone().open_session(&user, &user.password).await;
    rekey.all_mail_is_here().await;
    assert!(rekey.mails_to(user.address()).is_empty());
    admin.trigger(&user).await.expect(200);
    rekey.mail_to(user.address()).await;
}

#[tokio::test]
async fn killed_after_the_commit_of_the_profile_the_mail_still_comes_once() {
    survive(AFTER_THE_COMMIT[0]).await;
}

#[tokio::test]
async fn killed_after_the_lock_the_mail_still_comes_once() {
    survive(AFTER_THE_COMMIT[1]).await;
}

#[tokio::test]
async fn killed_when_the_event_is_claimed_the_mail_still_comes_once() {
    survive(AFTER_THE_COMMIT[2]).await;
}

#[tokio::test]
async fn killed_when_the_event_is_published_the_mail_still_comes_once() {
    survive(AFTER_THE_COMMIT[3]).await;
}

#[tokio::test]
async fn killed_when_the_mail_job_is_written_the_mail_still_comes_once() {
    survive(AFTER_THE_COMMIT[4]).await;
}

#[tokio::test]
async fn killed_when_the_mail_is_rendered_it_still_comes_once() {
    survive(AFTER_THE_COMMIT[5]).await;
}

#[tokio::test]
async fn killed_when_the_mail_is_sent_it_does_not_come_twice() {
    survive(AFTER_THE_COMMIT[6]).await;
}

#[tokio::test]
async fn killed_when_the_mail_is_recorded_it_does_not_come_twice() {
    survive(AFTER_THE_COMMIT[7]).await;
}

/// Dies at that place, starts again, and all is as if it had not died.
async fn survive(place: &str) {
    let mut rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    let session = rekey.anyone().open_session(&user, &user.password).await;
    die_at(&mut rekey, &user, place).await;
    let written_before = rekey.mails_to(user.address());
    rekey.restart(&[]).await;

    admin.wait_for_account_state(&user, "PENDING_FUPR").await;
    admin.wait_until_sent(&user).await;
    rekey.anyone().refused("carol", &user.password).await;
    assert!(!session.session_is_alive().await, "{place}: an old session lives");
    rekey.all_mail_is_here().await;
    let mails = rekey.mails_to(user.address());
    assert_eq!(mails.len(), 1, "{place}: {mails:?}");
    assert!(written_before.iter().all(|old| same(old, &mails[0])), "{place}: the mail changed: {written_before:?} {mails:?}");
    assert_eq!(admin.resets(&user).await.len(), 1, "{place}");
    redeem(&rekey, &user, &mails[0]).await;
}

fn same(one: &Mail, other: &Mail) -> bool {
    (&one.file, &one.message_id, &one.text, &one.html) == (&other.file, &other.message_id, &other.text, &other.html)
}

async fn redeem(rekey: &Rekey, user: &User, mail: &Mail) {
    let password = fresh_password();
    rekey.anyone().complete(&mail.token(), &password).await.expect(204);
    rekey.anyone().open_session(user, &password).await;
    rekey.admin().wait_for_account_state(user, "UNLOCKED").await;
}

/// Starts anew with the crash point set, triggers, and waits for the death; whether an answer came out does not matter.
async fn die_at(rekey: &mut Rekey, user: &User, place: &str) {
    rekey.restart(&[("REKEY_CRASH_AT", place)]).await;
    let _ = rekey.admin().try_json(reqwest::Method::PATCH, &user.path(), &guide_body()).await;
    let death = rekey.death().await;
    assert_eq!(death.signal(), Some(9), "{place}: {death:?}");
}

#[tokio::test]
async fn killed_right_after_the_answer_the_mail_still_comes_once() {
    let mut rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    rekey.kill9();
    rekey.restart(&[]).await;
    admin.wait_until_sent(&user).await;
    let mails = rekey.mails_to(user.address());
    assert_eq!(mails.len(), 1, "{mails:?}");
    redeem(&rekey, &user, &mails[0]).await;
}

#[tokio::test]
async fn killed_in_the_midst_of_many_triggers_every_answered_one_is_kept() {
    let mut rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let mut users = Vec::new();
    for number in 0..8 {
        users.push(admin.create_user(&format!("user-{number}")).await);
    }
    let triggers = futures::future::join_all(users.iter().enumerate().map(async |(number, user)| {
        let answered = admin.try_json(reqwest::Method::PATCH, &user.path(), &guide_body()).await.is_ok_and(|answer| answer.status == 200);
        (number, answered)
    }));
    let answered = triggers.await;
    rekey.kill9();
    rekey.restart(&[]).await;
    for (number, answered) in answered {
        assert!(answered, "trigger {number} was not answered 200");
        admin.wait_until_sent(&users[number]).await;
        assert_eq!(rekey.mails_to(users[number].address()).len(), 1);
        rekey.anyone().refused(&users[number].user_name, &users[number].password).await;
    }
}
