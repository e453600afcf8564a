//! The first start: the first administrator, a demo user, and what a newcomer needs to know.

use anyhow::{Result, anyhow};
use rekey_kernel::{Caller, Failure, Kind, TenantId};
use rekey_proto::scim::v1::{CreateRequest, ListRequest, View, users_client::UsersClient};
use rekey_runtime::{
    config::Deployment,
    grpc::{Transport, from_status, with_caller},
};
use serde_json::{Value, json};

use crate::ground;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The trigger as the guide of the followed product writes it.
const TRIGGER: &str = concat!(
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"], "#,
    r#""Operations": [ {"op": "add","value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"forcePasswordReset": true}}}]}"#,
);

/// The demo user. Its password is no secret: it exists only where everybody may know the administrator's too.
const DEMO: (&str, &str, &str) = ("alice", "white-rabbit-teaparty", "alice@example.com");

/// Makes the accounts of a first start, and greets.
pub(crate) struct FirstStart {
    users: UsersClient<Transport>,
    base: String,
}

impl FirstStart {
    pub(crate) fn new(scim: Transport, deployment: &Deployment) -> Self {
        Self { users: UsersClient::new(scim), base: deployment.server.base_path.clone() }
    }

    /// Makes the first administrator, and the demo user if asked, unless there are users already. True: it made them.
    pub(crate) async fn run(&mut self, deployment: &Deployment, with_demo: bool) -> Result<bool> {
        if self.count("").await? > 0 {
            return Ok(false);
        }
        let admin = &deployment.super_admin;
        let administrator = json!({
            "schemas": [USER], "userName": admin.username, "password": admin.password.expose(), "roles": [{"value": "admin"}],
        });
        self.create(&administrator).await?;
        if with_demo {
            let (name, password, address) = DEMO;
            let demo = json!({
                "schemas": [USER], "userName": name, "password": password, "name": {"givenName": "Alice", "familyName": "Liddell"},
                "emails": [{"value": address, "type": "work", "primary": true}],
            });
            self.create(&demo).await?;
        }
        Ok(true)
    }

    async fn create(&mut self, user: &Value) -> Result<()> {
        let request = CreateRequest { view: Some(self.view()), json: user.to_string().into() };
        match self.users.create(with_caller(&system(), request)).await.map_err(from_status) {
            Err(failure) if !failure.is(Kind::Conflict) => Err(describe(&failure, "cannot make the first accounts")),
            _made_or_there => Ok(()),
        }
    }

    async fn count(&mut self, filter: &str) -> Result<u64> {
        Ok(self.list(filter).await?["totalResults"].as_u64().unwrap_or_default())
    }

    async fn list(&mut self, filter: &str) -> Result<Value> {
        let request = ListRequest { view: Some(self.view()), filter: filter.to_owned(), count: Some(1), ..ListRequest::default() };
        let answer = self.users.list(with_caller(&system(), request)).await;
        let answer = answer.map_err(|status| describe(&from_status(status), "cannot look for the first accounts"))?;
        Ok(serde_json::from_slice(&answer.into_inner().json)?)
    }

    fn view(&self) -> View {
        View { base: format!("{}/scim2", self.base), ..View::default() }
    }

    /// What a newcomer needs: where everything is and, after a first start, the accounts and a first reset, ready to paste.
    pub(crate) async fn greeting(&mut self, deployment: &Deployment, first: bool) -> Result<String> {
        let mut text = self.places(deployment);
        if first && ground::is_default(deployment) {
            let demo = self.list(&format!("userName eq \"{}\"", DEMO.0)).await?;
            let id = demo["Resources"][0]["id"].as_str().unwrap_or("<id>").to_owned();
            text += &accounts(deployment);
            text += &self.first_reset(deployment, &id);
        }
        Ok(text)
    }

    fn places(&self, deployment: &Deployment) -> String {
        let base = &self.base;
        let mails = deployment.mailbox_dir().map(|_| format!("  Mails        {base}/dev/mailbox\n")).unwrap_or_default();
        let (health, data) = (deployment.admin.listen, deployment.server.data_dir.display());
        format!(
            "\nRekey is ready.\n\n  Console      {base}/console\n  My Account   {base}/myaccount\n  SCIM 2.0     {base}/scim2\n{mails}  \
             Health       http://{health}/readyz\n  Data         {data}\n"
        )
    }

    fn first_reset(&self, deployment: &Deployment, id: &str) -> String {
        let user = &deployment.super_admin.username;
        let password = if uses_default_password(deployment) { "admin" } else { "<password>" };
        let (name, base) = (DEMO.0, &self.base);
        let then = deployment.mailbox_dir().map(|_| format!("\nThen open {base}/dev/mailbox and follow the link.\n")).unwrap_or_default();
        format!(
            "\nForce a password reset for {name}:\n\n  curl -v -k --user {user}:{password} -X PATCH -d '{TRIGGER}' \
             --header \"Content-Type:application/json\" {base}/scim2/Users/{id}\n{then}"
        )
    }
}

fn accounts(deployment: &Deployment) -> String {
    let admin = &deployment.super_admin.username;
    let password = if uses_default_password(deployment) { "admin" } else { "(as configured)" };
    format!("\nAccounts\n\n  {admin:<12} {password:<24} administrator\n  {:<12} {:<24} demo user, {}\n", DEMO.0, DEMO.1, DEMO.2)
}

fn uses_default_password(deployment: &Deployment) -> bool {
    deployment.super_admin.password.expose() == "admin"
}

fn system() -> Caller {
    Caller::system(TenantId::DEFAULT, "first-start")
}

fn describe(failure: &Failure, attempt: &str) -> anyhow::Error {
    anyhow!("{attempt}: {failure}")
}
