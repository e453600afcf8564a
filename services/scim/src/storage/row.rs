//! The rows, as far as they are read. The columns that resources are found and sorted by are written only: see `fields.rs`.

pub(super) mod user {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub user_name_folded: String,
        pub external_id: Option<String>,
        pub profile: String,
        pub version: i64,
        pub created_at: i64,
        pub modified_at: i64,
        pub locked: bool,
        pub locked_reason: String,
        pub account_state: String,
        pub revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod group {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "groups")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub profile: String,
        pub version: i64,
        pub created_at: i64,
        pub modified_at: i64,
        /// Which position the next member gets.
        pub next_position: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod intent {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "intents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        /// Absent when it was abandoned: then nothing but the id counts.
        pub user_id: Option<Uuid>,
        pub version: i64,
        pub kind: String,
        pub initiator: String,
        /// Absent without a reset.
        pub methods: Option<String>,
        pub reason: String,
        pub recipient: Option<String>,
        pub previous_address: Option<String>,
        pub state: String,
        pub outcome: Option<String>,
        pub epoch: i64,
        pub expires_at: i64,
        pub created_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
