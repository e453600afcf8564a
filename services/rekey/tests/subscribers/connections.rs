//! Who gets in at all.

use rekey_runtime::grpc::Service;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use crate::{
    nats::{Nats, PATIENCE, options, ready, seed},
    shared::make_keys,
};

#[tokio::test]
async fn every_service_and_the_subscriber_get_in() {
    let Some((nats, _scim)) = Nats::with_stream().await else { return };
    for service in Service::ALL {
        ready(&nats.bus(service).await).await;
    }
    nats.user("subscriber").await;
}

#[tokio::test]
async fn a_server_of_another_authority_is_not_trusted() {
    let Some((nats, _scim)) = Nats::with_stream().await else { return };
    let others = tempfile::tempdir().unwrap();
    make_keys(others.path());
    let keys = others.path().join("subscriber");
    std::fs::copy(nats.keys("subscriber").join("nats.nk"), keys.join("nats.nk")).unwrap();
    let refused = options(&keys, "subscriber").connect(nats.url()).await.unwrap_err();
    assert!(format!("{refused:?}").contains("InvalidCertificate"), "{refused:?}");
}

#[tokio::test]
async fn an_nkey_that_the_server_does_not_know_gets_nowhere() {
    let Some((nats, _scim)) = Nats::with_stream().await else { return };
    let others = tempfile::tempdir().unwrap();
    make_keys(others.path());
    let keys = nats.keys("subscriber");
    assert_ne!(seed(&keys), seed(&others.path().join("subscriber")));
    std::fs::copy(others.path().join("subscriber/nats.nk"), keys.join("nats.nk")).unwrap();
    let refused = options(&keys, "subscriber").connect(nats.url()).await.unwrap_err();
    assert!(refused.to_string().contains("authorization violation"), "{refused}");
}

#[tokio::test]
async fn nothing_is_said_in_plain_text() {
    let Some((nats, _scim)) = Nats::with_stream().await else { return };
    let mut connection = BufReader::new(TcpStream::connect(("127.0.0.1", nats.port())).await.unwrap());
    let mut info = String::new();
    connection.read_line(&mut info).await.unwrap();
    assert!(info.contains(r#""tls_required":true"#), "{info}");
    connection.write_all(b"CONNECT {\"verbose\":false,\"tls_required\":false}\r\nPING\r\n").await.unwrap();
    let mut answer = Vec::new();
    // It hangs up, with or without a word.
    let _ = timeout(PATIENCE, connection.read_to_end(&mut answer)).await.expect("it does not keep the connection");
    assert!(!String::from_utf8_lossy(&answer).contains("PONG"));
}
