//! A server that is too old would lose events: it is refused by its version, before anything else is asked of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use rekey_kernel::{TenantId, Timestamp};
use rekey_messaging::{BusError, Event, EventBus, EventKind, JetStreamBus, jetstream};
use std::time::Duration;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(10);

/// Speaks as much of the protocol as a client needs to be connected, and tells what else it is asked.
async fn serve(connection: TcpStream, version: &str, asked: mpsc::UnboundedSender<String>) {
    let (read, mut write) = connection.into_split();
    let info = format!(
        r#"{{"server_id":"old","server_name":"old","version":"{version}","host":"127.0.0.1","port":4222,"headers":true,"max_payload":1048576,"proto":1,"jetstream":true}}"#
    );
    write.write_all(format!("INFO {info}\r\n").as_bytes()).await.unwrap();
    let mut lines = BufReader::new(read).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match line.as_str() {
            "PING" => write.write_all(b"PONG\r\n").await.unwrap(),
            _ if line.starts_with("PUB") || line.starts_with("HPUB") => asked.send(line).unwrap(),
            _ => {}
        }
    }
}

async fn server(version: &'static str) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, questions) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(serve(connection, version, asked.clone()));
        }
    });
    (port, questions)
}

async fn bus(port: u16) -> JetStreamBus {
    let config = jetstream::Config {
        url: format!("nats://127.0.0.1:{port}"),
        service: "scim".to_owned(),
        nkey_seed: None,
        ca_file: None,
        owns_stream: true,
        replicas: 1,
    };
    JetStreamBus::connect(config, CancellationToken::new()).await.unwrap()
}

/// What is wrong, once it is connected.
async fn complaint(bus: &JetStreamBus) -> String {
    let complaint = async {
        loop {
            match bus.ready().await {
                Err(BusError::Unavailable(why)) if why != "not connected" => return why,
                _ => tokio::task::yield_now().await,
            }
        }
    };
    timeout(PATIENCE, complaint).await.unwrap()
}

#[tokio::test]
async fn a_server_that_is_too_old_is_named_and_asked_nothing() {
    let (port, mut questions) = server("2.9.10").await;
    let bus = bus(port).await;
    let complaint = complaint(&bus).await;
    assert!(complaint.contains("2.9.10") && complaint.contains("2.12.3"), "{complaint}");
    let event = Event::new("id", EventKind::ForcePasswordReset, TenantId::DEFAULT, "user", Timestamp::from_micros(1), Bytes::new());
    let BusError::Unavailable(refusal) = bus.publish(&event).await.unwrap_err();
    assert_eq!(refusal, complaint);
    assert!(questions.try_recv().is_err(), "no stream was made there and no event sent");
}

#[tokio::test]
async fn a_server_of_the_first_safe_version_is_asked_for_its_stream() {
    let (port, mut questions) = server("2.12.3").await;
    let _bus = bus(port).await;
    let question = timeout(PATIENCE, questions.recv()).await.unwrap().unwrap();
    assert!(question.contains("$JS.API.STREAM.INFO.REKEY"), "{question}");
}
