//! The discovery documents (RFC 7644 §4): what this service provider can do.

use serde_json::{Value, json};

use crate::{
    schema::{ENTERPRISE_USER, RESET, Schema, USER, USER_SCHEMAS, WSO2},
    urn,
};

/// At most this many resources stand on one page of a list.
pub const MAX_RESULTS: u64 = 1_000;

/// The document of this name (`ServiceProviderConfig`, `ResourceTypes`, `ResourceTypes/User`, `Schemas`, `Schemas/{urn}`), with
/// locations under `base`; `None` when there is no such document.
pub fn document(base: &str, name: &str) -> Option<Value> {
    match name.trim_matches('/') {
        "ServiceProviderConfig" => Some(service_provider_config(base)),
        "ResourceTypes" => Some(list(&[user_resource_type(base)])),
        "ResourceTypes/User" => Some(user_resource_type(base)),
        "Schemas" => Some(list(&USER_SCHEMAS.map(|schema| schema.document(base)))),
        other => schema(other.strip_prefix("Schemas/")?).map(|schema| schema.document(base)),
    }
}

fn schema(id: &str) -> Option<&'static Schema> {
    USER_SCHEMAS.into_iter().find(|schema| schema.id.eq_ignore_ascii_case(id))
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
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_RESULTS },
        "changePassword": { "supported": true },
        "sort": { "supported": false },
        "etag": { "supported": true },
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

fn user_resource_type(base: &str) -> Value {
    let extension = |schema: &Schema| json!({ "schema": schema.id, "required": false });
    json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": USER.description,
        "schema": USER.id,
        "schemaExtensions": [extension(&ENTERPRISE_USER), extension(&WSO2), extension(&RESET)],
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/User") },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_there_and_knows_where_it_lies() {
        for name in ["ServiceProviderConfig", "ResourceTypes/User", "Schemas/urn:scim:wso2:schema"] {
            let found = document("https://x/scim2", name).expect("a document");
            assert_eq!(found.pointer("/meta/location"), Some(&json!(format!("https://x/scim2/{name}"))));
        }
        assert_eq!(document("b", "Schemas").and_then(|all| all.get("totalResults").cloned()), Some(json!(4)));
        assert!(document("b", "Schemas/urn:nothing").is_none() && document("b", "Nonsense").is_none());
    }

    #[test]
    fn the_trigger_is_write_only_and_the_code_returned_on_request() {
        let wso2 = document("b", "Schemas/urn:scim:wso2:schema").expect("a document").to_string();
        assert!(wso2.contains("oneTimePassword") && wso2.contains("\"request\"") && wso2.contains("\"writeOnly\""));
    }
}
