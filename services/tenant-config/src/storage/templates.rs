//! The tenants' own templates in the database.

use async_trait::async_trait;
use rekey_kernel::{Failure, TenantId, Timestamp};
use rekey_runtime::database::failure;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};

use super::{SeaStore, corrupt, row::template, tenants};
use crate::{
    domain::template::{Locale, Template, TemplateType},
    events::Section,
    ports::Templates,
};

#[async_trait]
impl Templates for SeaStore {
    async fn of_type(&self, tenant: TenantId, kind: TemplateType) -> Result<Vec<Template>, Failure> {
        let own = template::Entity::find().filter(template::Column::Tenant.eq(tenant.as_uuid())).filter(template::Column::Kind.eq(kind.name()));
        let rows = own.order_by_asc(template::Column::Locale).all(self.database.reader()).await.map_err(failure)?;
        rows.into_iter().map(|row| read(kind, row)).collect()
    }

    async fn put(&self, tenant: TenantId, template: &Template, now: Timestamp) -> Result<(), Failure> {
        let transaction = self.database.begin().await?;
        tenants::lock(&transaction, tenant).await?;
        let put = template::Entity::insert(write(tenant, template, now)).on_conflict(replacing());
        put.exec_without_returning(&transaction).await.map_err(failure)?;
        self.commit(transaction, tenant, Section::Templates, now).await
    }
}

fn replacing() -> OnConflict {
    use template::Column as C;
    OnConflict::columns([C::Tenant, C::Kind, C::Locale]).update_columns([C::Subject, C::Text, C::Html, C::ChangedAt]).to_owned()
}

fn write(tenant: TenantId, template: &Template, now: Timestamp) -> template::ActiveModel {
    template::ActiveModel {
        tenant: Set(tenant.as_uuid()),
        kind: Set(template.kind.name().to_owned()),
        locale: Set(template.locale.as_str().to_owned()),
        subject: Set(template.subject.clone()),
        text: Set(template.text.clone()),
        html: Set(template.html.clone()),
        changed_at: Set(now.as_micros()),
    }
}

fn read(kind: TemplateType, row: template::Model) -> Result<Template, Failure> {
    let locale = Locale::parse(&row.locale).ok_or_else(|| corrupt("template locale"))?;
    Ok(Template { kind, locale, subject: row.subject, text: row.text, html: row.html, changed_at: Some(Timestamp::from_micros(row.changed_at)) })
}
