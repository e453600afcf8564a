//! "Identity Providers" > "Resident": governance connectors by category.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use rekey_proto::tenantconfig::v1::{
    Connector, GetCategoryRequest, GetConnectorRequest, ListCategoriesRequest, Property, PropertyValue, UpdateConnectorRequest,
};
use rekey_runtime::grpc::with_caller;

use super::{
    console::{Link, LinksPage, here},
    forms::{Fields, Posted},
    frame::Frame,
    page, redirect,
};
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::Segments,
    state::Gateway,
};

const RESIDENT: &str = "/console/identity-providers/resident";

/// The labels that the guide names; other properties bring their own.
const LABELS: [(&str, &str); 4] = [
    ("Recovery.AdminPasswordReset.RecoveryLink", "Enable password reset via recovery email"),
    ("Recovery.AdminPasswordReset.OTP", "Enable password reset via OTP"),
    ("Recovery.AdminPasswordReset.Offline", "Enable password reset offline"),
    ("Recovery.AdminPasswordReset.ExpiryTime", "Minutes for which links and codes are good"),
];
/// There by name only, for clients of the followed product: nothing can be set.
const HIDDEN: &str = "Recovery.AdminPasswordReset.SMSOTP";

/// A property as a form shows it.
struct Field {
    name: String,
    label: String,
    about: String,
    value: String,
    is_switch: bool,
    is_number: bool,
}

impl From<&Property> for Field {
    fn from(property: &Property) -> Self {
        let label = LABELS.iter().find(|(name, _)| *name == property.name).map_or(property.display_name.as_str(), |(_, label)| label);
        Self {
            name: property.name.clone(),
            label: if label.is_empty() { property.name.clone() } else { label.to_owned() },
            about: property.description.clone(),
            value: property.value.clone(),
            is_switch: property.r#type == "boolean",
            is_number: property.r#type == "integer",
        }
    }
}

#[derive(Template)]
#[template(path = "connector.html")]
struct ConnectorPage {
    frame: Frame,
    title: String,
    above: Vec<Link>,
    action: String,
    fields: Vec<Field>,
}

impl From<Fields> for Values {
    fn from(fields: Fields) -> Self {
        Self(fields)
    }
}

/// The values of a connector's form.
pub(super) struct Values(Fields);

impl Values {
    /// What differs from what is there: a value that the form only shows rounded must not be changed by saving another.
    fn changes(&self, present: &Connector) -> Vec<PropertyValue> {
        let given = |property: &Property| match property.r#type.as_str() {
            "boolean" => Some(self.0.is_ticked(&property.name).to_string()),
            _ => self.0.get(&property.name).map(|text| text.trim().to_owned()),
        };
        let shown = present.properties.iter().filter(|property| property.name != HIDDEN);
        let changed = shown.filter_map(|property| given(property).filter(|value| *value != property.value).map(|value| (property, value)));
        changed.map(|(property, value)| PropertyValue { name: property.name.clone(), value }).collect()
    }
}

pub(super) async fn categories(State(gateway): State<Gateway>, site: Site, who: SignedIn, frame: Frame) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, ListCategoriesRequest { tenant_id: site.tenant_id() });
    let found = gateway.clients.governance().list_categories(request).await.answer()?;
    let links = found.categories.into_iter().map(|it| Link::new(format!("{RESIDENT}/{}", it.id), it.name, "")).collect();
    let above = vec![here(), Link::new("/console/identity-providers", "Identity Providers", "")];
    page(StatusCode::OK, &LinksPage { frame, title: "Resident".into(), above, links })
}

pub(super) async fn connectors(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments(category_id): Segments<String>,
) -> Result<Response, Refusal> {
    let request = GetCategoryRequest { tenant_id: site.tenant_id(), category_id };
    let category = gateway.clients.governance().get_category(with_caller(&who.caller, request)).await.answer()?;
    let path = |connector: &Connector| format!("{RESIDENT}/{}/{}", category.id, connector.id);
    let links = category.connectors.iter().map(|it| Link::new(path(it), it.friendly_name.clone(), "")).collect();
    page(StatusCode::OK, &LinksPage { frame, above: above(), title: category.name, links })
}

fn above() -> Vec<Link> {
    vec![here(), Link::new("/console/identity-providers", "Identity Providers", ""), Link::new(RESIDENT, "Resident", "")]
}

async fn find(gateway: &Gateway, site: &Site, who: &SignedIn, ids: &(String, String)) -> Result<Connector, Refusal> {
    let request = GetConnectorRequest { tenant_id: site.tenant_id(), category_id: ids.0.clone(), connector_id: ids.1.clone() };
    Ok(gateway.clients.governance().get_connector(with_caller(&who.caller, request)).await.answer()?)
}

fn form(frame: Frame, ids: &(String, String), connector: &Connector, status: StatusCode) -> Result<Response, Refusal> {
    let mut above = above();
    above.push(Link::new(format!("{RESIDENT}/{}", ids.0), connector.category.clone(), ""));
    let shown = connector.properties.iter().filter(|property| property.name != HIDDEN);
    let action = format!("{RESIDENT}/{}/{}", ids.0, ids.1);
    page(status, &ConnectorPage { frame, title: connector.friendly_name.clone(), above, action, fields: shown.map(Into::into).collect() })
}

pub(super) async fn show(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments(ids): Segments<(String, String)>,
) -> Result<Response, Refusal> {
    let connector = find(&gateway, &site, &who, &ids).await?;
    form(frame, &ids, &connector, StatusCode::OK)
}

pub(super) async fn save(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments(ids): Segments<(String, String)>,
    Posted(values): Posted<Values>,
) -> Result<Response, Refusal> {
    let present = find(&gateway, &site, &who, &ids).await?;
    let (category_id, connector_id) = ids.clone();
    let request = UpdateConnectorRequest { tenant_id: site.tenant_id(), category_id, connector_id, properties: values.changes(&present) };
    match gateway.clients.governance().update_connector(with_caller(&who.caller, request)).await.answer().map_err(Refusal::from) {
        Ok(_) => Ok(redirect(site.path(&format!("{RESIDENT}/{}/{}?done=saved", ids.0, ids.1)))),
        Err(refusal) if refusal.status() == StatusCode::BAD_REQUEST => form(frame.with_problem(refusal.detail()), &ids, &present, refusal.status()),
        Err(refusal) => Err(refusal),
    }
}
