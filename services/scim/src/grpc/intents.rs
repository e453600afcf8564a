//! `rekey.scim.v1.Intents`.

use rekey_kernel::{Failure, IntentId, ResetId, TenantId};
use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::to_status;
use std::{str::FromStr, sync::Arc};
use tonic::{Request, Response, Status, async_trait};

use crate::app::{Recipient, Users};

pub(super) struct Handler(pub(super) Arc<Users>);

#[async_trait]
impl proto::intents_server::Intents for Handler {
    async fn get_recipient(&self, request: Request<proto::GetRecipientRequest>) -> Result<Response<proto::GetRecipientResponse>, Status> {
        let request = request.into_inner();
        let (tenant, reset) = (id::<TenantId>(&request.tenant_id)?, id::<ResetId>(&request.reset_id)?);
        self.0.recipient(tenant, reset).await.map(|found| Response::new(found.into())).map_err(to_status)
    }

    async fn resolve(&self, request: Request<proto::ResolveRequest>) -> Result<Response<proto::ResolveResponse>, Status> {
        let request = request.into_inner();
        let (tenant, intent) = (id::<TenantId>(&request.tenant_id)?, id::<IntentId>(&request.intent_id)?);
        let committed = self.0.resolve(tenant, intent).await.map_err(to_status)?;
        Ok(Response::new(proto::ResolveResponse { committed }))
    }
}

impl From<Recipient> for proto::GetRecipientResponse {
    fn from(found: Recipient) -> Self {
        Self {
            address: found.address.map(String::from).unwrap_or_default(),
            previous_address: found.previous.map(String::from).unwrap_or_default(),
            user_name: found.user_name,
            locale: found.locale,
            claims: found.claims.into_iter().collect(),
            methods: found.methods.numbers(),
            user_id: found.user.to_string(),
        }
    }
}

pub(super) fn id<T: FromStr>(text: &str) -> Result<T, Status> {
    text.parse().map_err(|_| to_status(Failure::not_found("there is no such thing: that is not an id")))
}
