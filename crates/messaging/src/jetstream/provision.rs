//! The stream and the consumers, made and mended by ourselves, and compared with what was asked for: old servers leave out what
//! they do not know without a word.

use async_nats::{
    Client,
    connection::State,
    jetstream::{
        Context, ErrorCode,
        consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
        context::GetStreamErrorKind,
        stream::{Config as StreamConfig, DiscardPolicy, RetentionPolicy, StorageType},
    },
};
use std::time::Duration;

use super::STREAM;
use crate::{BusError, EventKind};

/// The oldest server that is safe: before it, acknowledged events could be lost.
const OLDEST: (u64, u64, u64) = (2, 12, 3);
/// How long an event is kept for subscribers who were away.
const MAX_AGE: Duration = Duration::from_hours(7 * 24);
/// How long a repeated message id is recognised.
const DUPLICATES: Duration = Duration::from_mins(2);
/// After which an event that nobody acknowledged comes again.
pub(super) const ACK_WAIT: Duration = Duration::from_secs(30);

pub(super) fn check_connection(client: &Client) -> Result<(), BusError> {
    if client.connection_state() != State::Connected {
        return Err(BusError::Unavailable("not connected".to_owned()));
    }
    let version = client.server_info().version;
    if parse(&version).is_some_and(|found| found >= OLDEST) {
        return Ok(());
    }
    let (major, minor, patch) = OLDEST;
    Err(BusError::Unavailable(format!("the server is nats-server {version}, but {major}.{minor}.{patch} or newer is needed: older ones lose events")))
}

fn parse(version: &str) -> Option<(u64, u64, u64)> {
    let mut numbers = version.split(['.', '-', '+']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Makes the stream, or mends what differs.
pub(super) async fn ensure_stream(context: &Context, replicas: usize) -> Result<(), BusError> {
    let wanted = stream(replicas);
    let found = match context.get_stream(STREAM).await {
        Ok(stream) if same(&stream.cached_info().config, &wanted) => return Ok(()),
        Ok(_differs) => context.update_stream(wanted.clone()).await.map_err(|error| refused(&error))?.config,
        Err(error) if matches!(error.kind(), GetStreamErrorKind::JetStream(ref cause) if cause.error_code() == ErrorCode::STREAM_NOT_FOUND) => {
            let made = context.create_stream(wanted.clone()).await.map_err(|error| refused(&error))?;
            made.cached_info().config.clone()
        }
        Err(error) => return Err(refused(&error)),
    };
    if same(&found, &wanted) { Ok(()) } else { Err(BusError::Unavailable(format!("the server did not make the stream {STREAM} as asked"))) }
}

fn refused(error: &dyn std::fmt::Display) -> BusError {
    BusError::Unavailable(format!("the stream {STREAM} cannot be had: {error}"))
}

fn same(found: &StreamConfig, wanted: &StreamConfig) -> bool {
    found.subjects == wanted.subjects
        && found.retention == wanted.retention
        && found.storage == wanted.storage
        && found.max_age == wanted.max_age
        && found.duplicate_window == wanted.duplicate_window
        && found.num_replicas == wanted.num_replicas
        && found.discard == wanted.discard
}

fn stream(replicas: usize) -> StreamConfig {
    StreamConfig {
        name: STREAM.to_owned(),
        description: Some("Rekey's events".to_owned()),
        subjects: vec!["rekey.v1.>".to_owned()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        max_age: MAX_AGE,
        duplicate_window: DUPLICATES,
        num_replicas: replicas,
        ..StreamConfig::default()
    }
}

/// Finds the durable consumer of one kind of event, or makes it.
pub(super) async fn ensure_consumer(context: &Context, durable: &str, kind: EventKind) -> Result<Consumer<pull::Config>, BusError> {
    let wanted = consumer(durable, kind);
    let found = match context.get_consumer_from_stream(durable, STREAM).await {
        Ok(found) => found,
        Err(_not_there) => context
            .create_consumer_on_stream(wanted.clone(), STREAM)
            .await
            .map_err(|error| BusError::Unavailable(format!("the consumer {durable} cannot be made: {error}")))?,
    };
    let config = &found.cached_info().config;
    let same = config.filter_subject == wanted.filter_subject
        && config.ack_policy == wanted.ack_policy
        && config.ack_wait == wanted.ack_wait
        && config.max_deliver == wanted.max_deliver;
    if same { Ok(found) } else { Err(BusError::Unavailable(format!("the consumer {durable} is not as asked; delete it, and it is made again"))) }
}

fn consumer(durable: &str, kind: EventKind) -> pull::Config {
    pull::Config {
        durable_name: Some(durable.to_owned()),
        filter_subject: format!("rekey.v1.*.{kind}"),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_deliver: -1,
        ..pull::Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(parse("2.15.1").unwrap() >= OLDEST);
        assert!(parse("2.12.3-RC.1").unwrap() >= OLDEST);
        assert!(parse("2.9.10").unwrap() < OLDEST);
        assert_eq!(parse("dev"), None);
    }
}
