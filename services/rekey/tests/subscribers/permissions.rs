//! What each user of the server may do, and that it may do nothing else.

use async_nats::{HeaderMap, Subscriber, jetstream::consumer::pull};
use async_trait::async_trait;
use futures::StreamExt;
use rekey_kernel::{TenantId, Timestamp};
use rekey_messaging::{Event, EventBus, EventKind, Handler, JetStreamBus, Outcome, Subscription};
use rekey_runtime::grpc::Service;
use std::{collections::BTreeSet, sync::Arc};
use tokio::time::timeout;

use crate::nats::{Nats, PATIENCE, User, patiently, ready};

struct Ignores;

#[async_trait]
impl Handler for Ignores {
    async fn handle(&self, _event: &Event) -> Outcome {
        Outcome::Done
    }
}

fn event(id: &str, kind: EventKind) -> Event {
    Event::new(id, kind, TenantId::DEFAULT, "user", Timestamp::from_micros(1), vec![])
}

fn subject(kind: EventKind) -> String {
    event("", kind).bus_subject()
}

fn publishes(service: Service, kind: EventKind) -> bool {
    kind.source() == format!("/rekey/{service}")
}

fn subscriptions() -> [(Service, Subscription); 3] {
    [
        (Service::Scim, rekey_scim::events::Listener::subscription()),
        (Service::Authentication, rekey_authentication::subscription()),
        (Service::Notification, rekey_notification::events::subscription()),
    ]
}

/// The services' own consumers, made by themselves.
async fn consumers(nats: &Nats) -> (Vec<JetStreamBus>, Vec<(Service, String)>) {
    let (mut buses, mut names) = (vec![], vec![]);
    for (service, subscription) in subscriptions() {
        let bus = nats.bus(service).await;
        ready(&bus).await;
        let mine: Vec<_> = subscription.kinds.iter().map(|kind| (service, format!("{}_{kind}", subscription.durable))).collect();
        bus.subscribe(subscription, Arc::new(Ignores)).await.unwrap();
        let user = nats.user(service.as_str()).await;
        for (_, name) in &mine {
            patiently(async || user.ask(&format!("CONSUMER.INFO.REKEY.{name}")).await["error"].is_null().then_some(()).ok_or(())).await;
        }
        buses.push(bus);
        names.extend(mine);
    }
    (buses, names)
}

/// Everything that the stream takes, until an event with this id.
async fn taken_until(watch: &mut Subscriber, last: &str) -> BTreeSet<(String, String)> {
    let mut taken = BTreeSet::new();
    loop {
        let message = timeout(PATIENCE, watch.next()).await.unwrap().unwrap();
        let id = message.headers.as_ref().and_then(|headers| headers.get("ce-id")).map(|id| id.as_str().to_owned()).unwrap_or_default();
        if id == last {
            return taken;
        }
        taken.insert((id, message.subject.to_string()));
    }
}

#[tokio::test]
async fn each_service_publishes_its_own_events_and_no_others() {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    let mut watch = nats.user("subscriber").await.client.subscribe("rekey.v1.>").await.unwrap();
    let mut expected = BTreeSet::new();
    for service in Service::ALL {
        let mut user = nats.user(service.as_str()).await;
        for kind in EventKind::ALL {
            if publishes(service, *kind) {
                let acknowledged = user.jetstream().publish_with_headers(subject(*kind), named(service.as_str()), "".into()).await.unwrap();
                acknowledged.await.unwrap();
                expected.insert((service.as_str().to_owned(), subject(*kind)));
            } else {
                user.may_not_publish(&subject(*kind)).await;
            }
        }
        user.may_not_publish("rekey.v1.tenant.another").await;
        user.refused_nothing_else();
    }
    scim.publish(&event("last", EventKind::ForcePasswordReset)).await.unwrap();
    assert_eq!(taken_until(&mut watch, "last").await, expected);
    assert_eq!(expected.len(), EventKind::ALL.len(), "every event has one publisher");
}

fn named(id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("ce-id", id);
    headers
}

#[tokio::test]
async fn the_buses_of_the_services_publish_under_these_permissions() {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    for (service, bus) in [(Service::Authentication, nats.bus(Service::Authentication).await), (Service::Scim, scim)] {
        ready(&bus).await;
        for kind in EventKind::ALL.iter().filter(|kind| publishes(service, **kind)) {
            bus.publish(&event(kind.as_str(), *kind)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_subscriber_publishes_nothing() {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    let mut subscriber = nats.user("subscriber").await;
    let mut watch = subscriber.client.subscribe("rekey.v1.>").await.unwrap();
    for kind in EventKind::ALL {
        // As JetStream clients do, who wait for an answer, and as others do.
        subscriber.may_not_publish(&subject(*kind)).await;
        subscriber.client.publish(subject(*kind), "{}".into()).await.unwrap();
        assert!(subscriber.refusal().await.contains(&subject(*kind)));
    }
    for elsewhere in ["rekey.v1.tenant.another", "rekey.v2.tenant.force_password_reset", "rekey", "_INBOX_scim.x", "$SYS.REQ.SERVER.PING"] {
        subscriber.may_not_publish(elsewhere).await;
    }
    scim.publish(&event("last", EventKind::ForcePasswordReset)).await.unwrap();
    assert_eq!(taken_until(&mut watch, "last").await, BTreeSet::new());
}

#[tokio::test]
async fn two_subscribers_have_nothing_to_do_with_each_other() {
    let Some((nats, _scim)) = Nats::with_stream().await else { return };
    for (one, other) in [("subscriber", "subscriber-siem"), ("subscriber-siem", "subscriber")] {
        let mut user = nats.user(one).await;
        for question in ["INFO", "MSG.NEXT", "DELETE", "CREATE"] {
            user.may_not_publish(&format!("$JS.API.CONSUMER.{question}.REKEY.{other}")).await;
        }
        user.may_not_publish(&format!("$JS.API.CONSUMER.CREATE.REKEY.{other}.rekey.v1.>")).await;
        user.may_not_publish(&format!("$JS.ACK.REKEY.{other}.1.1.1.1.0")).await;
        user.may_not_publish("rekey.v1.tenant.force_password_reset").await;
        user.may_not_subscribe(&format!("_INBOX_{other}.>")).await;
    }
}

/// The server sends an answer wherever it is asked to, without a look at the permissions of who asks. Were the subscriber a user of the
/// services' account, it could have genuine events, or JSON, put into the stream under any subject.
#[tokio::test]
async fn a_subscriber_cannot_have_an_answer_sent_into_the_stream() {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    let subscriber = nats.user("subscriber").await;
    let config = pull::Config { durable_name: Some("subscriber".to_owned()), filter_subject: "rekey.v1.>".to_owned(), ..pull::Config::default() };
    subscriber.jetstream().create_consumer_on_stream(config, "REKEY").await.unwrap();
    // The server asks for somebody who listens to the answer: in the subscriber's own account that is itself.
    let _watch = subscriber.client.subscribe("rekey.v1.>").await.unwrap();
    scim.publish(&event("genuine", EventKind::ForcePasswordReset)).await.unwrap();
    for question in ["CONSUMER.MSG.NEXT.REKEY.subscriber", "CONSUMER.INFO.REKEY.subscriber", "STREAM.INFO.REKEY"] {
        subscriber.client.publish_with_reply(format!("$JS.API.{question}"), subject(EventKind::PasswordResetNotified), "".into()).await.unwrap();
    }
    let handed_out = async || (subscriber.ask("CONSUMER.INFO.REKEY.subscriber").await["num_ack_pending"] == 1).then_some(()).ok_or(());
    patiently(handed_out).await;
    scim.publish(&event("last", EventKind::ForcePasswordReset)).await.unwrap();
    assert_eq!(subscriber.ask("STREAM.INFO.REKEY").await["state"]["last_seq"], 2);
}

#[tokio::test]
async fn a_subscriber_has_its_own_consumer_and_no_other() {
    let Some((nats, _scim)) = Nats::with_stream().await else { return };
    let (_buses, consumers) = consumers(&nats).await;
    let mut subscriber = nats.user("subscriber").await;
    for (_, name) in &consumers {
        for question in ["INFO", "MSG.NEXT", "DELETE", "DURABLE.CREATE", "PAUSE", "UNPIN", "RESET"] {
            subscriber.may_not_publish(&format!("$JS.API.CONSUMER.{question}.REKEY.{name}")).await;
        }
        subscriber.may_not_publish(&format!("$JS.API.CONSUMER.CREATE.REKEY.{name}.rekey.v1.>")).await;
        subscriber.may_not_publish(&format!("$JS.ACK.REKEY.{name}.1.1.1.1.0")).await;
    }
    for question in ["LIST.REKEY", "NAMES.REKEY", "CREATE.REKEY", "CREATE.REKEY.another.rekey.v1.>", "CREATE.REKEY.subscriber.>", "CREATE.REKEY.subscriber"] {
        subscriber.may_not_publish(&format!("$JS.API.CONSUMER.{question}")).await;
    }
    // Nor under a name that does not stand in the subject.
    let trick = r#"{"stream_name":"REKEY","config":{"name":"another","durable_name":"another","filter_subject":"rekey.v1.>"}}"#;
    let answer = subscriber.client.request("$JS.API.CONSUMER.CREATE.REKEY.subscriber.rekey.v1.>", trick.into()).await.unwrap();
    assert!(String::from_utf8_lossy(&answer.payload).contains("error"), "{answer:?}");
    assert_eq!(subscriber.ask("STREAM.INFO.REKEY").await["state"]["consumer_count"], consumers.len());
}

#[tokio::test]
async fn a_subscriber_leaves_the_stream_as_it_is() {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    scim.publish(&event("kept", EventKind::ForcePasswordReset)).await.unwrap();
    let mut subscriber = nats.user("subscriber").await;
    let before = subscriber.ask("STREAM.INFO.REKEY").await;
    for question in ["CREATE", "UPDATE", "DELETE", "PURGE", "SNAPSHOT", "RESTORE", "MSG.GET", "MSG.DELETE", "PEER.REMOVE", "LEADER.STEPDOWN"] {
        subscriber.may_not_publish(&format!("$JS.API.STREAM.{question}.REKEY")).await;
    }
    for question in ["DIRECT.GET.REKEY", "STREAM.LIST", "STREAM.NAMES", "STREAM.CREATE.ANOTHER", "INFO", "ACCOUNT.PURGE.REKEY"] {
        subscriber.may_not_publish(&format!("$JS.API.{question}")).await;
    }
    let after = subscriber.ask("STREAM.INFO.REKEY").await;
    assert_eq!((&after["config"], &after["state"]), (&before["config"], &before["state"]));
}

#[tokio::test]
async fn a_service_has_its_own_consumers_and_no_other() {
    let Some((nats, _scim)) = Nats::with_stream().await else { return };
    let (_buses, consumers) = consumers(&nats).await;
    for service in Service::ALL {
        let mut user = nats.user(service.as_str()).await;
        for (_, name) in consumers.iter().filter(|(owner, _)| *owner != service) {
            for question in ["INFO", "MSG.NEXT", "DELETE", "DURABLE.CREATE"] {
                user.may_not_publish(&format!("$JS.API.CONSUMER.{question}.REKEY.{name}")).await;
            }
            user.may_not_publish(&format!("$JS.ACK.REKEY.{name}.1.1.1.1.0")).await;
        }
        for question in ["DELETE", "PURGE", "MSG.DELETE", "MSG.GET"] {
            user.may_not_publish(&format!("$JS.API.STREAM.{question}.REKEY")).await;
        }
    }
}

#[tokio::test]
async fn nobody_listens_to_the_answers_of_another() {
    let Some((nats, _scim)) = Nats::with_stream().await else { return };
    let names: Vec<_> = Service::ALL.iter().map(|service| service.as_str()).chain(["subscriber"]).collect();
    for name in &names {
        let mut user = nats.user(name).await;
        for subject in [">", "_INBOX.>", "$JS.>", "rekey.>"] {
            user.may_not_subscribe(subject).await;
        }
        for other in names.iter().filter(|other| *other != name) {
            user.may_not_subscribe(&format!("_INBOX_{other}.>")).await;
        }
        listens_to_events(&mut user, *name == "subscriber").await;
    }
}

/// Services take events from their consumers alone; a subscriber may watch them pass by as well.
async fn listens_to_events(user: &mut User, may: bool) {
    if may {
        let _subscription = user.client.subscribe("rekey.v1.>").await.unwrap();
        user.ask("STREAM.INFO.REKEY").await;
        user.refused_nothing_else();
    } else {
        user.may_not_subscribe("rekey.v1.>").await;
    }
}
