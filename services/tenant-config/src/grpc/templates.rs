//! `rekey.tenantconfig.v1.Templates`

use rekey_proto::tenantconfig::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

use super::{tenant_id, tenant_or_own};
use crate::{
    app::templates::{MailTemplates, NewTemplate, TypeView},
    domain::template::Template,
};

pub(super) struct Handler(pub(super) Arc<MailTemplates>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl proto::templates_server::Templates for Handler {
    async fn list_types(&self, request: Request<proto::ListTemplateTypesRequest>) -> Answer<proto::ListTemplateTypesResponse> {
        let caller = caller(&request)?;
        let tenant = tenant_or_own(&request.into_inner().tenant_id, &caller).map_err(to_status)?;
        let types = self.0.types(&caller, tenant).await.map_err(to_status)?;
        Ok(Response::new(proto::ListTemplateTypesResponse { types: types.into_iter().map(Into::into).collect() }))
    }

    async fn get_type(&self, request: Request<proto::GetTemplateTypeRequest>) -> Answer<proto::TemplateType> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let tenant = tenant_or_own(&asked.tenant_id, &caller).map_err(to_status)?;
        Ok(Response::new(self.0.one_type(&caller, tenant, &asked.type_id).await.map_err(to_status)?.into()))
    }

    async fn put(&self, request: Request<proto::PutTemplateRequest>) -> Answer<proto::Template> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let tenant = tenant_or_own(&asked.tenant_id, &caller).map_err(to_status)?;
        let new = asked.template.unwrap_or_default().into();
        Ok(Response::new(self.0.put(&caller, tenant, &asked.type_id, new).await.map_err(to_status)?.into()))
    }

    async fn find(&self, request: Request<proto::FindTemplateRequest>) -> Answer<proto::Template> {
        let asked = request.into_inner();
        let tenant = tenant_id(&asked.tenant_id).map_err(to_status)?;
        Ok(Response::new(self.0.find(tenant, &asked.r#type, &asked.locale).await.map_err(to_status)?.into()))
    }
}

impl From<TypeView> for proto::TemplateType {
    fn from(view: TypeView) -> Self {
        let templates = view.templates.into_iter().map(Into::into).collect();
        Self { id: view.kind.id(), name: view.kind.name().to_owned(), templates }
    }
}

impl From<Template> for proto::Template {
    fn from(template: Template) -> Self {
        Self {
            r#type: template.kind.name().to_owned(),
            locale: template.locale.as_str().to_owned(),
            subject: template.subject,
            text: template.text,
            html: template.html,
        }
    }
}

impl From<proto::Template> for NewTemplate {
    fn from(template: proto::Template) -> Self {
        Self { locale: template.locale, subject: template.subject, text: template.text, html: template.html }
    }
}
