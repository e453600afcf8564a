//! The discovery documents (RFC 7644 §4): what this service provider can do.

use serde_json::{Value, json};

use crate::{
    bulk,
    schema::{RESOURCE_TYPES, ResourceType, Schema},
    urn,
};

/// At most this many resources stand on one page of a list.
pub const MAX_RESULTS: u64 = 1_000;
/// So many stand there when the client does not say.
pub const DEFAULT_RESULTS: u64 = 100;

/// The document of this name (`ServiceProviderConfig`, `ResourceTypes`, `ResourceTypes/User`, `Schemas`, `Schemas/{urn}`), with
/// locations under `base`; `None` when there is no such document.
pub fn document(base: &str, name: &str) -> Option<Value> {
    match name.trim_matches('/') {
        "ServiceProviderConfig" => Some(service_provider_config(base)),
        "ResourceTypes" => Some(list(&RESOURCE_TYPES.map(|found| resource_type(base, found)))),
        "Schemas" => Some(list(&schemas().map(|schema| schema.document(base)).collect::<Vec<_>>())),
        other => match other.split_once('/')? {
            ("ResourceTypes", id) => RESOURCE_TYPES.into_iter().find(|found| found.name == id).map(|found| resource_type(base, found)),
            ("Schemas", id) => schemas().find(|schema| schema.id.eq_ignore_ascii_case(id)).map(|schema| schema.document(base)),
            _ => None,
        },
    }
}

fn schemas() -> impl Iterator<Item = &'static Schema> {
    RESOURCE_TYPES.into_iter().flat_map(ResourceType::schemas)
}

fn list(resources: &[Value]) -> Value {
    json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

fn service_provider_config(base: &str) -> Value {
    json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": { "supported": true },
        "bulk": { "supported": true, "maxOperations": bulk::MAX_OPERATIONS, "maxPayloadSize": bulk::MAX_PAYLOAD_SIZE },
        "filter": { "supported": true, "maxResults": MAX_RESULTS },
        "changePassword": { "supported": true },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": pagination(),
        "authenticationSchemes": [{
            "type": "httpbasic",
            "name": "HTTP Basic",
            "description": "The login name and password of an account with the scopes needed",
            "specUri": "https://www.rfc-editor.org/info/rfc7617",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}

/// RFC 9865 §4. Cursors never time out, so `cursorTimeout` is absent.
fn pagination() -> Value {
    json!({
        "cursor": true,
        "index": true,
        "defaultPaginationMethod": "index",
        "defaultPageSize": DEFAULT_RESULTS,
        "maxPageSize": MAX_RESULTS,
    })
}

fn resource_type(base: &str, found: &'static ResourceType) -> Value {
    let extensions: Vec<_> = found.extensions.iter().map(|schema| json!({ "schema": schema.id, "required": false })).collect();
    json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": found.name,
        "name": found.name,
        "endpoint": found.endpoint,
        "description": found.description,
        "schema": found.core.id,
        "schemaExtensions": extensions,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", found.name) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str, pointer: &str) -> Value {
        document("https://x/scim2", name).expect("a document").pointer(pointer).cloned().unwrap_or_default()
    }

    #[test]
    fn every_document_is_there_and_knows_where_it_lies() {
        let ids = ["ServiceProviderConfig", "ResourceTypes/User", "ResourceTypes/Group", "Schemas/urn:scim:wso2:schema"];
        for name in ids.map(str::to_owned).into_iter().chain(schemas().map(|schema| format!("Schemas/{}", schema.id))) {
            assert_eq!(at(&name, "/meta/location"), json!(format!("https://x/scim2/{name}")));
        }
        assert_eq!((at("Schemas", "/totalResults"), at("ResourceTypes", "/totalResults")), (json!(5), json!(2)));
        for unknown in ["Schemas/urn:nothing", "Nonsense", "ResourceTypes/user", "Nonsense/User"] {
            assert!(document("b", unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn the_trigger_is_write_only_and_the_code_returned_on_request() {
        let wso2 = at("Schemas/urn:scim:wso2:schema", "").to_string();
        assert!(wso2.contains("oneTimePassword") && wso2.contains("\"request\"") && wso2.contains("\"writeOnly\""));
    }

    #[test]
    fn what_is_enforced_of_a_group_is_said() {
        let group = document("b", &format!("Schemas/{}", urn::GROUP)).expect("a document");
        let said: Vec<_> = ["/attributes/0/required", "/attributes/1/subAttributes/0/mutability", "/attributes/1/subAttributes/2/canonicalValues"]
            .into_iter()
            .filter_map(|pointer| group.pointer(pointer))
            .collect();
        assert_eq!(said, [&json!(true), &json!("immutable"), &json!(["User", "Group"])]);
    }

    #[test]
    fn both_ways_of_paging_are_announced_as_rfc_9865_has_it() {
        let said = json!({"cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 1000});
        assert_eq!(at("ServiceProviderConfig", "/pagination"), said);
    }
}
