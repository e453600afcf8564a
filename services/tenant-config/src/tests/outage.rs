//! The database goes away and comes back.

use futures::future::join_all;
use rekey_kernel::{Failure, Kind, Secret, TenantId};
use rekey_testing::{PostgresServer, TestDatabase};
use std::{future::Future, pin::Pin};

use super::governance::{IDS, values};
use crate::{
    app::{templates::NewTemplate, tenants::NewTenant},
    domain::{claim::Change, connector::name, governance::Defaults, identifier, template::TemplateType},
    ports::Administrator,
    testing::{World, admin},
};

type Asked<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

fn asked<'a, T>(operation: impl Future<Output = Result<T, Failure>> + Send + 'a) -> Asked<'a> {
    Box::pin(async move { operation.await.map(drop) })
}

#[tokio::test]
async fn while_the_database_is_away_every_answer_is_503_and_then_all_goes_on() {
    let Some(server) = PostgresServer::start() else { return };
    let world = World::at(TestDatabase::on_server(&server.url()).await, Defaults::default()).await;
    let (caller, default) = (admin(TenantId::DEFAULT), TenantId::DEFAULT);
    let claim = identifier::of("http://wso2.org/claims/oneTimePassword");
    let administrator = Administrator { user_name: "root".into(), password: Secret::new("a password of acme"), email: String::new() };
    let acme = NewTenant { domain: "acme".into(), name: "Acme".into(), administrator };
    let text = "{{password-reset-link}}".to_owned();
    let template = NewTemplate { locale: "de_DE".into(), subject: "Neues Passwort".into(), text, html: String::new() };
    let template_type = TemplateType::Link.id();
    server.crash();
    let answers = join_all([
        asked(world.tenants.resolve("default")),
        asked(world.tenants.resolve_by_id(default)),
        asked(world.tenants.list(&caller)),
        asked(world.tenants.create(&caller, acme)),
        asked(world.tenants.rename(&caller, "default", "X")),
        asked(world.tenants.delete(&caller, "acme")),
        asked(world.governance.categories(&caller, default)),
        asked(world.governance.update(&caller, default, IDS, values(&[(name::OTP, "true")]))),
        asked(world.governance.reset_settings(default)),
        asked(world.governance.password_policy(default)),
        asked(world.claims.list(&caller, default, "local")),
        asked(world.claims.update(&caller, default, ("local", &claim), Change { supported_by_default: Some(true), ..Change::default() })),
        asked(world.templates.put(&caller, default, &template_type, template)),
        asked(world.templates.find(default, "AdminForcedPasswordReset", "")),
    ]);
    for (n, answer) in answers.await.into_iter().enumerate() {
        let failure = answer.unwrap_err();
        assert!(failure.is(Kind::Unavailable), "{n}: {failure:?}");
    }
    server.go_on();
    assert_eq!(world.tenants.resolve("default").await.unwrap().name.as_str(), "Rekey");
    world.governance.update(&caller, default, IDS, values(&[(name::OTP, "true")])).await.unwrap();
}
