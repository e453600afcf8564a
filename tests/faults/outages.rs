//! Something that is needed is not there: 503, Retry-After, a red `/readyz`; and what does not need it goes on.

use rekey_tests::{Deployment, Options, Part, Rekey, User, start, users::guide_body, wait_for};

async fn red(rekey: &Rekey, part: Part, names: &str) {
    let (client, address) = (rekey_tests::api::client(), rekey.readiness(part, 0));
    wait_for(&format!("{part:?} to be red because of {names}"), async || {
        let answer = client.get(&address).send().await.ok()?;
        let (status, text) = (answer.status(), answer.text().await.ok()?);
        (status == 503 && text.contains(names)).then_some(())
    })
    .await;
}

/// 503 with `Retry-After`, and nothing has changed.
async fn cannot_be_triggered(rekey: &Rekey, user: &User) {
    let answer = rekey.admin().patch(&user.path(), &guide_body()).await.expect(503);
    assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.headers);
}

#[tokio::test]
async fn login_needs_neither_scim_nor_notification_nor_tenant_config_nor_the_bus() {
    let mut rekey = start(Options::of(Deployment::PARTS)).await;
    let user = rekey.admin().create_user("carol").await;
    for part in [Part::Scim, Part::Notification, Part::TenantConfig] {
        rekey.kill9_one(part, 0);
    }
    rekey.ground().expect("it runs in parts").nats().kill9();
    let session = rekey.anyone().open_session(&user, &user.password).await;
    assert!(session.session_is_alive().await);
    rekey.anyone().refused("carol", "not the password at all").await;
    cannot_be_triggered(&rekey, &user).await;
    red(&rekey, Part::Gateway, "scim").await;
    red(&rekey, Part::Gateway, "tenant-config").await;
    rekey.ground().expect("it runs in parts").nats().go_on();
    for part in [Part::Scim, Part::Notification, Part::TenantConfig] {
        rekey.launch_one(part, 0, &[]);
    }
    rekey.ready().await;
    assert!(session.session_is_alive().await, "a trigger that was answered 503 before it began has ended a session");
    rekey.admin().trigger(&user).await.expect(200);
    rekey.mail_to(user.address()).await;
}

#[tokio::test]
async fn a_trigger_without_tenant_config_or_authentication_is_refused_and_nothing_changes() {
    let mut rekey = start(Options::of(Deployment::PARTS)).await;
    let user = rekey.admin().create_user("carol").await;
    let before = rekey.admin().snapshot(&user).await;
    rekey.kill9_one(Part::TenantConfig, 0);
    cannot_be_triggered(&rekey, &user).await;
    red(&rekey, Part::Scim, "tenant-config").await;
    rekey.launch_one(Part::TenantConfig, 0, &[]);
    rekey.ready().await;
    rekey.kill9_one(Part::Authentication, 0);
    cannot_be_triggered(&rekey, &user).await;
    let login = rekey.anyone().login("carol", &user.password).await.expect(503);
    assert!(!login.header("retry-after").is_empty());
    red(&rekey, Part::Scim, "authentication").await;
    rekey.launch_one(Part::Authentication, 0, &[]);
    rekey.ready().await;
    assert_eq!(rekey.admin().snapshot(&user).await, before);
    rekey.anyone().open_session(&user, &user.password).await;
}

#[tokio::test]
async fn without_the_bus_a_trigger_is_carried_out_and_the_mail_comes_later() {
    let mut rekey = start(Options::of(Deployment::PARTS)).await;
    rekey.harmed();
    let user = rekey.admin().create_user("carol").await;
    rekey.ground().expect("it runs in parts").nats().kill9();
    rekey.admin().trigger(&user).await.expect(200);
    rekey.anyone().refused("carol", &user.password).await;
    red(&rekey, Part::Scim, "bus").await;
    assert!(rekey.mails().is_empty());
    rekey.ground().expect("it runs in parts").nats().go_on();
    rekey.mail_to(user.address()).await;
    rekey.ready().await;
    rekey.admin().wait_until_sent(&user).await;
}

#[tokio::test]
async fn without_the_database_everything_answers_503_and_is_red_until_it_is_back() {
    let mut rekey = start(Options::of(Deployment::PARTS).with_own_postgres()).await;
    let user = rekey.admin().create_user("carol").await;
    rekey.ground().expect("it runs in parts").postgres().stop();
    let login = rekey.anyone().login("carol", &user.password).await.expect(503);
    assert!(!login.header("retry-after").is_empty());
    cannot_be_triggered(&rekey, &user).await;
    for part in Part::WITH_DATABASE {
        red(&rekey, part, part.section()).await;
    }
    rekey.ground().expect("it runs in parts").postgres().go_on();
    rekey.ready().await;
    rekey.anyone().open_session(&user, &user.password).await;
    rekey.admin().trigger(&user).await.expect(200);
    rekey.mail_to(user.address()).await;
}
