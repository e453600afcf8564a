//! The other services, as ports.

use async_trait::async_trait;
use rekey_kernel::{Caller, Failure, IntentId, Methods, ResetId, Secret, TenantId, Timestamp, UserId};
use rekey_proto::{
    authentication::v1::{self as proto, account_changes_client::AccountChangesClient, password_resets_client::PasswordResetsClient},
    tenantconfig::v1::{GetResetSettingsRequest, governance_client::GovernanceClient},
};
use rekey_runtime::grpc::{Transport, from_status, with_caller};
use std::time::Duration;

use crate::{
    domain::{Account, AccountChange, Applied, Live, LiveReset, Outcome, ResetOrder},
    ports::{Accounts, Resendable, ResetSettings, Settings},
};

/// Authentication over gRPC.
pub struct GrpcAccounts(pub Transport);

impl GrpcAccounts {
    fn changes(&self) -> AccountChangesClient<Transport> {
        AccountChangesClient::new(self.0.clone())
    }
}

/// Scim itself, where no person is behind a call.
fn ourselves(tenant: TenantId) -> Caller {
    Caller::system(tenant, "scim")
}

#[async_trait]
impl Accounts for GrpcAccounts {
    async fn prepare(&self, caller: &Caller, intent: IntentId, user: UserId, change: &AccountChange) -> Result<(), Failure> {
        let request = proto::PrepareRequest {
            intent_id: intent.to_string(),
            tenant_id: caller.tenant.to_string(),
            user_id: user.to_string(),
            change: Some(change_message(change)),
        };
        self.changes().prepare(with_caller(caller, request)).await.map(drop).map_err(from_status)
    }

    async fn apply(&self, tenant: TenantId, intent: IntentId) -> Result<Applied, Failure> {
        let request = proto::ApplyRequest { intent_id: intent.to_string(), tenant_id: tenant.to_string() };
        let answer = self.changes().apply(with_caller(&ourselves(tenant), request)).await.map_err(from_status)?;
        applied(answer.into_inner())
    }

    async fn release(&self, tenant: TenantId, intent: IntentId) -> Result<(), Failure> {
        let request = proto::ReleaseRequest { intent_id: intent.to_string(), tenant_id: tenant.to_string() };
        self.changes().release(with_caller(&ourselves(tenant), request)).await.map(drop).map_err(from_status)
    }

    async fn states(&self, tenant: TenantId, users: &[UserId]) -> Result<Vec<Live>, Failure> {
        let request = proto::GetStatesRequest { tenant_id: tenant.to_string(), user_ids: users.iter().map(ToString::to_string).collect() };
        let answer = self.changes().get_states(with_caller(&ourselves(tenant), request)).await.map_err(from_status)?;
        answer.into_inner().states.into_iter().map(live).collect()
    }

    async fn offline_code(&self, caller: &Caller, user: UserId) -> Result<Option<Secret>, Failure> {
        let request = proto::ReadOfflineCodeRequest { tenant_id: caller.tenant.to_string(), user_id: user.to_string() };
        let answer = self.changes().read_offline_code(with_caller(caller, request)).await.map_err(from_status)?;
        Ok(Some(answer.into_inner().code).filter(|code| !code.is_empty()).map(Secret::new))
    }

    async fn check_resend(&self, caller: &Caller, reset: ResetId) -> Result<Resendable, Failure> {
        let request = proto::CheckResendRequest { tenant_id: caller.tenant.to_string(), reset_id: reset.to_string() };
        let answer = PasswordResetsClient::new(self.0.clone()).check_resend(with_caller(caller, request)).await.map_err(from_status)?;
        let old = answer.into_inner();
        Ok(Resendable { user: parsed(&old.user_id)?, methods: Methods::from_numbers(&old.methods), reason: old.reason })
    }
}

fn change_message(change: &AccountChange) -> proto::AccountChange {
    proto::AccountChange {
        create: change.create,
        delete: change.delete,
        login_name: change.login_name.clone(),
        password: change.password.as_ref().map(|password| password.expose().to_owned()),
        active: change.active,
        locked: change.locked,
        roles: change.roles.clone().map(|names| proto::Roles { names }),
        reset: change.reset.as_ref().map(order_message),
        contact: change.contact,
    }
}

fn order_message(order: &ResetOrder) -> proto::ResetOrder {
    proto::ResetOrder {
        methods: order.methods.numbers(),
        reason: order.reason.clone(),
        expires_at: order.expires_at.map_or(0, Timestamp::as_micros),
        validity_seconds: i64::try_from(order.validity.as_secs()).unwrap_or(i64::MAX),
        resend_of: order.resend_of.map(|reset| reset.to_string()).unwrap_or_default(),
    }
}

fn applied(answer: proto::ApplyResponse) -> Result<Applied, Failure> {
    let outcome = match answer.outcome() {
        proto::Outcome::Applied => Outcome::Applied,
        proto::Outcome::AccountGone => Outcome::AccountGone,
        proto::Outcome::ResetEnded => Outcome::ResetEnded,
        proto::Outcome::Unspecified => return Err(nonsense()),
    };
    Ok(Applied {
        outcome,
        reset_pending: answer.reset_state() == proto::ResetState::Pending,
        epoch: answer.epoch,
        expires_at: Timestamp::from_micros(answer.expires_at),
        live: answer.state.map(live).transpose()?,
    })
}

fn live(state: proto::AccountState) -> Result<Live, Failure> {
    let account = Account { locked: state.locked, locked_reason: state.locked_reason, state: state.account_state, revision: state.revision };
    Ok(Live { user: parsed(&state.user_id)?, account, reset: state.reset.map(live_reset).transpose()? })
}

fn live_reset(reset: proto::Reset) -> Result<LiveReset, Failure> {
    let state = match reset.state() {
        proto::ResetState::Pending => "pending",
        proto::ResetState::Expired => "expired",
        proto::ResetState::Exhausted => "exhausted",
        _ => return Err(nonsense()),
    };
    Ok(LiveReset {
        id: parsed(&reset.id)?,
        state: state.to_owned(),
        methods: Methods::from_numbers(&reset.methods),
        expires_at: Timestamp::from_micros(reset.expires_at),
        sent_at: Some(reset.sent_at).filter(|micros| *micros != 0).map(Timestamp::from_micros),
        guesses_left: reset.guesses_left,
        reason: reset.reason,
    })
}

fn parsed<T: std::str::FromStr>(id: &str) -> Result<T, Failure> {
    id.parse().map_err(|_| nonsense())
}

fn nonsense() -> Failure {
    Failure::internal("another service gave an answer that cannot be read")
}

/// Tenant-config over gRPC.
pub struct GrpcSettings(pub Transport);

#[async_trait]
impl Settings for GrpcSettings {
    async fn reset_settings(&self, caller: &Caller) -> Result<ResetSettings, Failure> {
        let request = GetResetSettingsRequest { tenant_id: caller.tenant.to_string() };
        let answer = GovernanceClient::new(self.0.clone()).get_reset_settings(with_caller(caller, request)).await.map_err(from_status)?;
        let settings = answer.into_inner();
        let validity = Duration::from_secs(u64::try_from(settings.validity_seconds).unwrap_or(0));
        Ok(ResetSettings { enabled: Methods::from_numbers(&settings.enabled), validity })
    }
}
