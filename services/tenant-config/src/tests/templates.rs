//! Mail templates, through their use cases.

use rekey_kernel::{Kind, TenantId};
use rekey_testing::Backend;

use crate::app::templates::NewTemplate;
use crate::{
    domain::template::TemplateType,
    testing::{World, admin, nobody},
};

fn german() -> NewTemplate {
    let text = "Hallo {{user-name}},\n\n{{password-reset-link}}\n".to_owned();
    NewTemplate { locale: "de_DE".into(), subject: "Neues Passwort".into(), text, html: String::new() }
}

async fn a_tenants_own_template_goes_before_the_built_in_one(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    world.templates.put(&caller, TenantId::DEFAULT, &TemplateType::Link.id(), german()).await.unwrap();
    let find = |locale| world.templates.find(TenantId::DEFAULT, "AdminForcedPasswordReset", locale);
    assert_eq!(find("de-AT").await.unwrap().subject, "Neues Passwort");
    assert_eq!(find("fr_FR").await.unwrap().locale.as_str(), "en_US");
    let listed = world.templates.one_type(&caller, TenantId::DEFAULT, &TemplateType::Link.id()).await.unwrap();
    assert_eq!(listed.templates.len(), 2);
    assert_eq!(world.events().await.len(), 1);
}

async fn putting_again_replaces(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    for subject in ["one", "two"] {
        let new = NewTemplate { subject: subject.into(), locale: "en-us".into(), ..german() };
        world.templates.put(&caller, TenantId::DEFAULT, &TemplateType::Link.id(), new).await.unwrap();
    }
    let types = world.templates.types(&caller, TenantId::DEFAULT).await.unwrap();
    assert_eq!((types.len(), types[0].templates.len(), types[0].templates[0].subject.as_str()), (4, 1, "two"));
}

async fn bad_templates_are_refused(on: Backend) {
    let world = World::new(on).await;
    let id = TemplateType::Link.id();
    let caller = admin(TenantId::DEFAULT);
    for bad in [
        NewTemplate { locale: "english".into(), ..german() },
        NewTemplate { text: "{{password-reset-link".into(), ..german() },
        NewTemplate { html: "{{password-reset-link}}\0".into(), ..german() },
    ] {
        assert!(world.templates.put(&caller, TenantId::DEFAULT, &id, bad).await.unwrap_err().is(Kind::Invalid));
    }
    assert!(world.templates.put(&caller, TenantId::DEFAULT, "eA", german()).await.unwrap_err().is(Kind::NotFound));
    assert!(world.templates.put(&nobody(TenantId::DEFAULT), TenantId::DEFAULT, &id, german()).await.unwrap_err().is(Kind::Forbidden));
    assert!(world.templates.find(TenantId::DEFAULT, "NoSuchType", "").await.unwrap_err().is(Kind::NotFound));
}

rekey_testing::on_both_databases![a_tenants_own_template_goes_before_the_built_in_one, putting_again_replaces, bad_templates_are_refused,];
