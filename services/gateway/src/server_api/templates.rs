//! `/api/server/v1/email/template-types`: mail templates by type and locale.

use axum::{Json as Body, extract::State};
use rekey_kernel::{Failure, Kind};
use rekey_proto::tenantconfig::v1::{GetTemplateTypeRequest, ListTemplateTypesRequest, PutTemplateRequest, Template, TemplateType};
use rekey_runtime::grpc::with_caller;
use serde::Deserialize;
use serde_json::{Value, json};

use super::TEMPLATES;
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::{Json, Segments},
    state::Gateway,
};

/// A template as it is written: `body` is the HTML part, as in the followed product; `text` is ours. What is left out stays.
#[derive(Deserialize)]
pub(super) struct Draft {
    subject: Option<String>,
    body: Option<String>,
    text: Option<String>,
}

fn template_json(template: &Template) -> Value {
    json!({
        "id": template.locale, "contentType": "text/html", "subject": template.subject, "body": template.html, "text": template.text, "footer": "",
    })
}

fn templates_json(kind: &TemplateType) -> Vec<Value> {
    kind.templates.iter().map(template_json).collect()
}

fn link(site: &Site, kind: &TemplateType) -> Value {
    json!({ "id": kind.id, "displayName": kind.name, "self": site.path(&format!("{TEMPLATES}/{}", kind.id)) })
}

async fn find(gateway: &Gateway, site: &Site, who: &SignedIn, type_id: String) -> Result<TemplateType, Failure> {
    let request = with_caller(&who.caller, GetTemplateTypeRequest { tenant_id: site.tenant_id(), type_id });
    gateway.clients.templates().get_type(request).await.answer()
}

pub(super) async fn types(State(gateway): State<Gateway>, site: Site, who: SignedIn) -> Result<Body<Value>, Refusal> {
    let request = with_caller(&who.caller, ListTemplateTypesRequest { tenant_id: site.tenant_id() });
    let found = gateway.clients.templates().list_types(request).await.answer()?;
    Ok(Body(found.types.iter().map(|kind| link(&site, kind)).collect()))
}

pub(super) async fn kind(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(id): Segments<String>) -> Result<Body<Value>, Refusal> {
    let found = find(&gateway, &site, &who, id).await?;
    Ok(Body(json!({ "id": found.id, "displayName": found.name, "templates": templates_json(&found) })))
}

pub(super) async fn list(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(id): Segments<String>) -> Result<Body<Value>, Refusal> {
    Ok(Body(templates_json(&find(&gateway, &site, &who, id).await?).into()))
}

pub(super) async fn read(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments((id, locale)): Segments<(String, String)>,
) -> Result<Body<Value>, Refusal> {
    let found = find(&gateway, &site, &who, id).await?.templates.into_iter().find(|template| template.locale == locale);
    let missing = || Failure::new(Kind::NotFound, "ETM-50003", "there is no template in this locale");
    Ok(Body(template_json(&found.ok_or_else(missing)?)))
}

pub(super) async fn write(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments((type_id, locale)): Segments<(String, String)>,
    Json(draft): Json<Draft>,
) -> Result<Body<Value>, Refusal> {
    let present = find(&gateway, &site, &who, type_id.clone()).await?;
    let template = Some(drafted(&present, locale, draft));
    let request = PutTemplateRequest { tenant_id: site.tenant_id(), type_id, template };
    Ok(Body(template_json(&gateway.clients.templates().put(with_caller(&who.caller, request)).await.answer()?)))
}

/// The draft over what is there in this locale, else in English.
fn drafted(present: &TemplateType, locale: String, draft: Draft) -> Template {
    let of = |wanted: &str| present.templates.iter().find(|template| template.locale == wanted);
    let base = of(&locale).or_else(|| of("en_US")).cloned().unwrap_or_default();
    Template {
        r#type: present.name.clone(),
        locale,
        subject: draft.subject.unwrap_or(base.subject),
        text: draft.text.unwrap_or(base.text),
        html: draft.body.unwrap_or(base.html),
    }
}
