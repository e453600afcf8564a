//! Reading, changing and choosing mail templates.

use rekey_kernel::{Caller, Clock, Failure, Scope, TenantId};
use std::sync::Arc;

use crate::{
    domain::template::{self, Locale, Template, TemplateType},
    ports::Templates,
};

/// The use cases about mail templates.
pub struct MailTemplates {
    /// The tenants' own.
    pub templates: Arc<dyn Templates>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A type with the templates that a tenant has of it.
#[derive(Clone, Debug)]
pub struct TypeView {
    /// What the mails are for.
    pub kind: TemplateType,
    /// The tenant's own, and the built-in one unless its place is taken.
    pub templates: Vec<Template>,
}

/// A template as it was sent.
#[derive(Clone, Debug)]
pub struct NewTemplate {
    /// `en_US`
    pub locale: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML; may be empty.
    pub html: String,
}

impl MailTemplates {
    /// Every type.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` for another tenant.
    pub async fn types(&self, caller: &Caller, tenant: TenantId) -> Result<Vec<TypeView>, Failure> {
        may(caller, tenant, Scope::EmailView)?;
        let mut views = Vec::with_capacity(TemplateType::ALL.len());
        for kind in TemplateType::ALL {
            views.push(self.view(tenant, kind).await?);
        }
        Ok(views)
    }

    /// One type.
    ///
    /// # Errors
    /// As [`MailTemplates::types`]; `NotFound` for an unknown one.
    pub async fn one_type(&self, caller: &Caller, tenant: TenantId, type_id: &str) -> Result<TypeView, Failure> {
        may(caller, tenant, Scope::EmailView)?;
        self.view(tenant, TemplateType::by_id(type_id)?).await
    }

    async fn view(&self, tenant: TenantId, kind: TemplateType) -> Result<TypeView, Failure> {
        let mut templates = self.templates.of_type(tenant, kind).await?;
        let built_in = Template::built_in(kind);
        if !templates.iter().any(|own| own.locale == built_in.locale) {
            templates.push(built_in);
        }
        templates.sort_by(|a, b| a.locale.as_str().cmp(b.locale.as_str()));
        Ok(TypeView { kind, templates })
    }

    /// Puts a template in the place of the one of the same type and locale.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` for an unknown type; `Invalid`, saying what is wrong with it.
    #[tracing::instrument(name = "tenantconfig.template.put", skip_all, fields(tenant.id = %tenant))]
    pub async fn put(&self, caller: &Caller, tenant: TenantId, type_id: &str, new: NewTemplate) -> Result<Template, Failure> {
        may(caller, tenant, Scope::EmailUpdate)?;
        let kind = TemplateType::by_id(type_id)?;
        let locale = Locale::parse(&new.locale).ok_or_else(|| Failure::invalid("invalid_template", "a locale like `en_US` is expected"))?;
        let now = self.clock.now();
        let template = Template { kind, locale, subject: new.subject, text: new.text, html: new.html, changed_at: Some(now) };
        template.check()?;
        self.templates.put(tenant, &template, now).await?;
        Ok(template)
    }

    /// What a mail is rendered from.
    ///
    /// # Errors
    /// `NotFound` for an unknown type.
    #[tracing::instrument(name = "tenantconfig.template.find", skip_all, fields(tenant.id = %tenant))]
    pub async fn find(&self, tenant: TenantId, type_name: &str, locale: &str) -> Result<Template, Failure> {
        let kind = TemplateType::by_name(type_name)?;
        Ok(template::choose(kind, self.templates.of_type(tenant, kind).await?, locale))
    }
}

fn may(caller: &Caller, tenant: TenantId, scope: Scope) -> Result<(), Failure> {
    caller.within(tenant)?;
    caller.require(scope)
}
