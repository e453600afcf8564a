//! `/api/server/v1/identity-governance`: governance connectors.

use axum::{Json as Body, extract::State};
use rekey_kernel::Failure;
use rekey_proto::tenantconfig::v1::{
    Category, Connector, GetCategoryRequest, GetConnectorRequest, ListCategoriesRequest, Property, PropertyValue, UpdateConnectorRequest,
};
use rekey_runtime::grpc::with_caller;
use serde::Deserialize;
use serde_json::{Value, json};

use super::GOVERNANCE;
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::{Json, Segments},
    state::Gateway,
};

/// New values of one connector.
#[derive(Deserialize)]
pub(super) struct Patch {
    operation: String,
    properties: Vec<NewValue>,
}

/// New values of several connectors.
#[derive(Deserialize)]
pub(super) struct PatchOfSeveral {
    operation: String,
    connectors: Vec<NewValues>,
}

/// New values of one of several connectors.
#[derive(Deserialize)]
pub(super) struct NewValues {
    id: String,
    properties: Vec<NewValue>,
}

/// One new value: a string, as the followed product has it; a bare boolean or number is understood.
#[derive(Deserialize)]
pub(super) struct NewValue {
    name: String,
    value: Value,
}

impl TryFrom<NewValue> for PropertyValue {
    type Error = Failure;

    fn try_from(new: NewValue) -> Result<Self, Failure> {
        let value = match new.value {
            Value::String(text) => text,
            Value::Bool(_) | Value::Number(_) => new.value.to_string(),
            _ => return Err(Failure::invalid("IDG-50013", format!("the value of `{}` must be a string", new.name))),
        };
        Ok(Self { name: new.name, value })
    }
}

fn values(given: Vec<NewValue>) -> Result<Vec<PropertyValue>, Failure> {
    given.into_iter().map(TryInto::try_into).collect()
}

fn check_operation(operation: &str) -> Result<(), Failure> {
    if operation == "UPDATE" { Ok(()) } else { Err(Failure::invalid("IDG-50013", "the only `operation` is `UPDATE`")) }
}

fn property_json(property: &Property) -> Value {
    json!({
        "name": property.name, "value": property.value, "displayName": property.display_name, "description": property.description,
        "meta": { "type": property.r#type },
    })
}

fn connector_json(connector: &Connector) -> Value {
    let properties: Vec<_> = connector.properties.iter().map(property_json).collect();
    json!({
        "id": connector.id, "name": connector.name, "category": connector.category, "friendlyName": connector.friendly_name,
        "order": connector.order, "subCategory": connector.sub_category, "properties": properties,
    })
}

fn connectors_json(category: &Category) -> Vec<Value> {
    category.connectors.iter().map(connector_json).collect()
}

fn category_json(site: &Site, category: &Category) -> Value {
    let this = site.path(&format!("{GOVERNANCE}/{}", category.id));
    let link = |connector: &Connector| json!({ "id": connector.id, "self": format!("{this}/connectors/{}", connector.id) });
    let connectors: Vec<_> = category.connectors.iter().map(link).collect();
    json!({ "id": category.id, "name": category.name, "self": this, "connectors": connectors })
}

async fn find(gateway: &Gateway, site: &Site, who: &SignedIn, category_id: String) -> Result<Category, Failure> {
    let request = with_caller(&who.caller, GetCategoryRequest { tenant_id: site.tenant_id(), category_id });
    gateway.clients.governance().get_category(request).await.answer()
}

pub(super) async fn categories(State(gateway): State<Gateway>, site: Site, who: SignedIn) -> Result<Body<Value>, Refusal> {
    let request = with_caller(&who.caller, ListCategoriesRequest { tenant_id: site.tenant_id() });
    let found = gateway.clients.governance().list_categories(request).await.answer()?;
    Ok(Body(found.categories.iter().map(|category| category_json(&site, category)).collect()))
}

pub(super) async fn category(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(id): Segments<String>) -> Result<Body<Value>, Refusal> {
    let found = find(&gateway, &site, &who, id).await?;
    Ok(Body(json!({ "id": found.id, "name": found.name, "connectors": connectors_json(&found) })))
}

pub(super) async fn connectors(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(id): Segments<String>) -> Result<Body<Value>, Refusal> {
    let found = find(&gateway, &site, &who, id).await?;
    Ok(Body(connectors_json(&found).into()))
}

pub(super) async fn connector(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments((category_id, connector_id)): Segments<(String, String)>,
) -> Result<Body<Value>, Refusal> {
    let request = GetConnectorRequest { tenant_id: site.tenant_id(), category_id, connector_id };
    let found = gateway.clients.governance().get_connector(with_caller(&who.caller, request)).await.answer()?;
    Ok(Body(connector_json(&found)))
}

pub(super) async fn update(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments((category_id, connector_id)): Segments<(String, String)>,
    Json(patch): Json<Patch>,
) -> Result<Body<Value>, Refusal> {
    check_operation(&patch.operation)?;
    let request = UpdateConnectorRequest { tenant_id: site.tenant_id(), category_id, connector_id, properties: values(patch.properties)? };
    let changed = gateway.clients.governance().update_connector(with_caller(&who.caller, request)).await.answer()?;
    Ok(Body(connector_json(&changed)))
}

/// Several connectors in one request, each all or nothing.
pub(super) async fn update_all(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments(category_id): Segments<String>,
    Json(patch): Json<PatchOfSeveral>,
) -> Result<Body<Value>, Refusal> {
    check_operation(&patch.operation)?;
    let requests: Result<Vec<_>, Failure> = patch.connectors.into_iter().map(|it| Ok((it.id, values(it.properties)?))).collect();
    for (connector_id, properties) in requests? {
        let request = UpdateConnectorRequest { tenant_id: site.tenant_id(), category_id: category_id.clone(), connector_id, properties };
        gateway.clients.governance().update_connector(with_caller(&who.caller, request)).await.answer()?;
    }
    Ok(Body(connectors_json(&find(&gateway, &site, &who, category_id).await?).into()))
}
