//! Dead letters in the database.

use async_trait::async_trait;
use rekey_kernel::{Failure, Timestamp};
use rekey_runtime::database::failure;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{SeaStore, row::letter};
use crate::ports::{DeadLetter, DeadLetters};

/// An event is at most as large as the bus takes; nothing longer is worth keeping.
const LONGEST_PAYLOAD: usize = 64 * 1024;

#[async_trait]
impl DeadLetters for SeaStore {
    async fn keep(&self, letter: &DeadLetter, now: Timestamp) -> Result<(), Failure> {
        let row = letter::ActiveModel {
            id: Set(storable(&letter.id)),
            kind: Set(storable(&letter.kind)),
            tenant: Set(letter.tenant.as_uuid()),
            reason: Set(storable(&letter.reason)),
            payload: Set(letter.payload.iter().copied().take(LONGEST_PAYLOAD).collect()),
            received_at: Set(now.as_micros()),
        };
        let keep = OnConflict::column(letter::Column::Id).do_nothing().to_owned();
        letter::Entity::insert(row).on_conflict(keep).exec_without_returning(self.database.writer()).await.map(drop).map_err(failure)
    }
}

/// Without U+0000, which PostgreSQL stores in no text.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
