//! What a database's error means to whoever asked.

use rekey_kernel::Failure;
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError, sqlite::SqliteError},
};
use std::error::Error;

/// The failure that a database error stands for: unavailable when asking again may help, else a defect.
pub fn failure(error: DbErr) -> Failure {
    match meaning(&error) {
        Meaning::AskAgain => Failure::unavailable("the database is not available; ask again").because(error),
        Meaning::TooLong => Failure::unavailable("the database needs too long for it; ask for less, or again later").because(error),
        Meaning::BadText => Failure::invalid("invalidValue", "a text holds a character that cannot be stored").because(error),
        Meaning::Defect => Failure::internal("the database refused a statement").because(error),
    }
}

/// Did the database take a transaction back because it and others waited for each other, or could not have come one after another? Then
/// nothing of it is stored, and it may be begun anew at once.
pub fn gave_way(failure: &Failure) -> bool {
    let Some(cause) = failure.source().and_then(|source| source.downcast_ref()) else { return false };
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = cause else { return false };
    let code = cause.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| ["40001", "40P01"].contains(&code.as_ref()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Away, busy, full, or it took back what was begun.
    AskAgain,
    /// It was ended, because it took longer than anybody waits.
    TooLong,
    /// PostgreSQL stores no U+0000.
    BadText,
    /// Ours.
    Defect,
}

fn meaning(error: &DbErr) -> Meaning {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Meaning::AskAgain,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => of_driver(cause),
        _ => Meaning::Defect,
    }
}

fn of_driver(cause: &sqlx::Error) -> Meaning {
    match cause {
        sqlx::Error::Database(refusal) => of_refusal(refusal.as_ref()),
        // Protocol: a server that dies in the middle of an answer. The connection is thrown away.
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Meaning::AskAgain,
        _ => Meaning::Defect,
    }
}

fn of_refusal(refusal: &dyn DatabaseError) -> Meaning {
    let code = refusal.code().unwrap_or_default();
    if refusal.try_downcast_ref::<SqliteError>().is_some() { of_sqlite_code(&code) } else { of_sqlstate(&code) }
}

/// By the primary code, which is the lowest byte of the extended one.
fn of_sqlite_code(code: &str) -> Meaning {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const NO_MEMORY: u32 = 7;
    const READ_ONLY: u32 = 8;
    const INTERRUPTED: u32 = 9;
    const IO_ERROR: u32 = 10;
    const FULL: u32 = 13;
    const CANNOT_OPEN: u32 = 14;
    const PROTOCOL: u32 = 15;
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(BUSY | LOCKED | NO_MEMORY | READ_ONLY | IO_ERROR | FULL | CANNOT_OPEN | PROTOCOL) => Meaning::AskAgain,
        Ok(INTERRUPTED) => Meaning::TooLong,
        _ => Meaning::Defect,
    }
}

/// By class, and by single codes where a class holds both kinds.
fn of_sqlstate(code: &str) -> Meaning {
    /// Connection, transaction rolled back (serialization, deadlock), resources, operator intervention, system error.
    const CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
    /// Read-only (a standby after a failover), idle too long in a transaction, a lock not had in time, object in use.
    const SINGLE: [&str; 4] = ["25006", "25P03", "55P03", "55006"];
    if code == "57014" {
        return Meaning::TooLong;
    }
    if CLASSES.iter().any(|class| code.starts_with(class)) || SINGLE.contains(&code) {
        return Meaning::AskAgain;
    }
    if code == "22021" { Meaning::BadText } else { Meaning::Defect }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_told_from_a_defect() {
        for passing in ["57P01", "57P03", "53300", "53100", "40001", "40P01", "08006", "25006", "25P03", "55P03"] {
            assert_eq!(of_sqlstate(passing), Meaning::AskAgain, "{passing}");
        }
        for defect in ["42P01", "42601", "23505", "23502", "25P02", "22003", "XX000", ""] {
            assert_eq!(of_sqlstate(defect), Meaning::Defect, "{defect}");
        }
        assert_eq!((of_sqlstate("22021"), of_sqlstate("57014"), of_sqlite_code("9")), (Meaning::BadText, Meaning::TooLong, Meaning::TooLong));
    }

    #[test]
    fn an_extended_code_counts_as_its_primary_one() {
        for passing in ["5", "261", "517", "6", "10", "3850", "13", "14", "1032"] {
            assert_eq!(of_sqlite_code(passing), Meaning::AskAgain, "{passing}");
        }
        for defect in ["1", "11", "19", "2067", "1555", "26", ""] {
            assert_eq!(of_sqlite_code(defect), Meaning::Defect, "{defect}");
        }
    }
}
