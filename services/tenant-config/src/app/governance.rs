//! Reading and changing the governance options.

use rekey_kernel::{Caller, Clock, Failure, Scope, Secret, TenantId};
use std::sync::Arc;

use crate::{
    domain::{
        connector::{self, Connector},
        governance::{Defaults, Effective, Overrides, PasswordPolicy, ResetSettings},
        identifier,
    },
    ports::Settings,
};

/// The use cases about governance.
pub struct Governance {
    /// The deployment's values.
    pub defaults: Arc<Defaults>,
    /// The tenants' own.
    pub settings: Arc<dyn Settings>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A connector with the values it has in one tenant, in the order of its properties.
#[derive(Clone, Debug)]
pub struct ConnectorView {
    /// What it is.
    pub connector: &'static Connector,
    /// What is set.
    pub values: Vec<String>,
}

/// A category with its connectors.
#[derive(Clone, Debug)]
pub struct CategoryView {
    /// Unpadded base64url of the name.
    pub id: String,
    /// For people.
    pub name: &'static str,
    /// What belongs to it.
    pub connectors: Vec<ConnectorView>,
}

impl Governance {
    /// Every category.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` for another tenant.
    pub async fn categories(&self, caller: &Caller, tenant: TenantId) -> Result<Vec<CategoryView>, Failure> {
        may(caller, tenant, Scope::IdpView)?;
        let overrides = self.settings.load(tenant).await?;
        connector::categories().into_iter().map(|name| self.category_view(&identifier::of(name), &overrides)).collect()
    }

    /// One category.
    ///
    /// # Errors
    /// As [`Governance::categories`]; `NotFound` `IDG-50008` for an unknown one.
    pub async fn category(&self, caller: &Caller, tenant: TenantId, category_id: &str) -> Result<CategoryView, Failure> {
        may(caller, tenant, Scope::IdpView)?;
        self.category_view(category_id, &self.settings.load(tenant).await?)
    }

    fn category_view(&self, category_id: &str, overrides: &Overrides) -> Result<CategoryView, Failure> {
        let (name, connectors) = connector::of_category(category_id)?;
        let connectors = connectors.into_iter().map(|connector| self.view(connector, overrides)).collect();
        Ok(CategoryView { id: category_id.to_owned(), name, connectors })
    }

    fn view(&self, connector: &'static Connector, overrides: &Overrides) -> ConnectorView {
        let effective = Effective { defaults: &self.defaults, overrides };
        ConnectorView { connector, values: connector.properties.iter().map(|property| effective.value(property.name)).collect() }
    }

    /// One connector.
    ///
    /// # Errors
    /// As [`Governance::category`].
    pub async fn connector(&self, caller: &Caller, tenant: TenantId, category_id: &str, connector_id: &str) -> Result<ConnectorView, Failure> {
        may(caller, tenant, Scope::IdpView)?;
        let connector = connector::find(category_id, connector_id)?;
        Ok(self.view(connector, &self.settings.load(tenant).await?))
    }

    /// Sets values of one connector, all of them or none.
    ///
    /// # Errors
    /// As [`Governance::connector`]; `Invalid` `IDG-50013` for a bad value.
    #[tracing::instrument(name = "tenantconfig.governance.update", skip_all, fields(tenant.id = %tenant))]
    pub async fn update(&self, caller: &Caller, tenant: TenantId, ids: (&str, &str), values: Vec<(String, String)>) -> Result<ConnectorView, Failure> {
        may(caller, tenant, Scope::IdpUpdate)?;
        let connector = connector::find(ids.0, ids.1)?;
        let defaults = Arc::clone(&self.defaults);
        let decide = Box::new(move |present: &Overrides| connector::change(connector, &defaults, present, &values));
        let changed = self.settings.change(tenant, self.clock.now(), decide).await?;
        Ok(self.view(connector, &changed))
    }

    /// How resets work in a tenant, as of this moment.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(name = "tenantconfig.reset_settings.get", skip_all, fields(tenant.id = %tenant))]
    pub async fn reset_settings(&self, tenant: TenantId) -> Result<ResetSettings, Failure> {
        let overrides = self.settings.load(tenant).await?;
        Ok(Effective { defaults: &self.defaults, overrides: &overrides }.reset_settings())
    }

    /// What a password must be like in a tenant, as of this moment.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(name = "tenantconfig.password_policy.get", skip_all, fields(tenant.id = %tenant))]
    pub async fn password_policy(&self, tenant: TenantId) -> Result<PasswordPolicy, Failure> {
        let overrides = self.settings.load(tenant).await?;
        Ok(Effective { defaults: &self.defaults, overrides: &overrides }.password_policy())
    }

    /// The first administrator of a tenant is made by the system, which no policy binds: so its password is looked at here.
    ///
    /// # Errors
    /// `Invalid` `password_policy`, naming the rule.
    pub fn check_first_password(&self, password: &Secret) -> Result<(), Failure> {
        let (least, most) = (self.defaults.min_length as usize, self.defaults.max_length as usize);
        if (least..=most).contains(&password.expose().chars().count()) {
            return Ok(());
        }
        Err(Failure::invalid("password_policy", format!("the administrator's password must have {least} to {most} characters")))
    }
}

fn may(caller: &Caller, tenant: TenantId, scope: Scope) -> Result<(), Failure> {
    caller.within(tenant)?;
    caller.require(scope)
}
