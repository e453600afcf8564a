//! `GET /api/v1/deliveries?resetId=`: what became of a reset's mails.

use axum::{Json, extract::State};
use rekey_kernel::{Failure, ResetId};
use rekey_proto::notification::v1::{Delivery, ListDeliveriesRequest};
use rekey_runtime::grpc::with_caller;
use serde_json::{Value, json};

use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::{Params, time},
    state::Gateway,
};

fn as_json(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id, "resetId": delivery.reset_id, "kind": delivery.kind, "state": delivery.state, "detail": delivery.detail,
        "messageId": delivery.message_id, "createdAt": time(delivery.created_at), "finishedAt": time(delivery.finished_at),
        "attempts": delivery.attempts,
    })
}

pub(super) async fn list(State(gateway): State<Gateway>, site: Site, who: SignedIn, params: Params) -> Result<Json<Value>, Refusal> {
    let reset = params.get("resetId").and_then(|text| text.parse::<ResetId>().ok());
    let reset = reset.ok_or_else(|| Failure::invalid("invalid_reset_id", "the parameter `resetId` must be the id of a reset"))?;
    let request = ListDeliveriesRequest { tenant_id: site.tenant_id(), reset_id: reset.to_string() };
    let found = gateway.clients.deliveries().list(with_caller(&who.caller, request)).await.answer()?;
    let deliveries: Vec<_> = found.deliveries.iter().map(as_json).collect();
    Ok(Json(json!({ "deliveries": deliveries })))
}
