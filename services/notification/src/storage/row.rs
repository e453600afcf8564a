//! The rows.

/// Mail jobs, which are the records of deliveries as well.
pub(super) mod job {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail_jobs")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub reset: Uuid,
        pub kind: String,
        pub tenant: Uuid,
        pub user: Uuid,
        pub epoch: i64,
        pub methods: String,
        pub expires_at: i64,
        pub message_id: String,
        pub created_at: i64,
        pub state: String,
        #[sea_orm(column_type = "Text")]
        pub detail: String,
        pub channels: String,
        pub attempt: i64,
        pub deferrals: i32,
        pub next_at: i64,
        pub lease_until: i64,
        pub finished_at: i64,
        pub traceparent: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Events that nobody can make sense of.
pub(super) mod letter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dead_letters")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub kind: String,
        pub tenant: Uuid,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        pub payload: Vec<u8>,
        pub received_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
