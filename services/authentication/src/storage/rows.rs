//! The rows, as the tables have them. Nothing outside of storage sees them.

#![expect(unreachable_pub, reason = "the derive macros of sea-orm make public items")]

pub(super) mod account {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant: Uuid,
        pub login_name: String,
        pub folded: String,
        pub password: Option<String>,
        pub active: bool,
        pub admin_locked: bool,
        pub blocking: Option<Uuid>,
        pub credential_version: i64,
        pub revision: i64,
        pub epoch: i64,
        pub roles: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod former_password {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "password_history")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub credential_version: i64,
        pub tenant: Uuid,
        pub password: String,
        pub replaced_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod reset {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "resets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant: Uuid,
        pub user: Uuid,
        pub link: bool,
        pub otp: bool,
        pub offline: bool,
        pub reason: String,
        pub initiator: String,
        pub epoch: i64,
        pub salt: Vec<u8>,
        pub kid: String,
        pub created_at: i64,
        pub sent_at: Option<i64>,
        pub expires_at: i64,
        pub guesses_used: i32,
        pub state: String,
        pub ended_at: Option<i64>,
        pub completed_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod session {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        pub tenant: Uuid,
        pub user: Uuid,
        pub credential_version: i64,
        pub created_at: i64,
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod reset_session {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reset_sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        pub tenant: Uuid,
        pub user: Uuid,
        pub reset: Uuid,
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod attempts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "login_attempts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: Vec<u8>,
        pub tenant: Uuid,
        pub failures: i32,
        pub since: i64,
        pub strikes: i32,
        pub paused_until: i64,
        pub last_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod preparation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "preparations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub intent: Uuid,
        pub tenant: Uuid,
        pub user: Uuid,
        pub actor: String,
        pub change: Option<String>,
        pub creates: bool,
        pub held_name: Option<String>,
        pub prepared_at: i64,
        pub committed: bool,
        pub outcome: Option<String>,
        pub settled_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod audit {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant: Uuid,
        pub actor: Option<Uuid>,
        pub actor_name: String,
        pub source: String,
        pub action: String,
        pub subject: Uuid,
        pub reset: Option<Uuid>,
        pub at: i64,
        pub result: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
