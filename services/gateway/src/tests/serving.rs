//! The HTTPS listener.

use rekey_runtime::{lifecycle::Lifecycle, tls};
use reqwest::{Client, Version};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

use super::*;
use crate::{serve, tls_config};

/// A gateway behind its listener: where, with which certificate, and what ends it.
fn served() -> (SocketAddr, String, Lifecycle) {
    tls::install_provider();
    let made = tls::self_signed(&["localhost".to_owned()]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, lifecycle) = (listener.local_addr().unwrap(), Lifecycle::new());
    serve(listener, tls_config(made.certificate.as_bytes(), made.private_key.as_bytes()).unwrap(), edge().router, &lifecycle).unwrap();
    (address, made.certificate, lifecycle)
}

fn client(builder: reqwest::ClientBuilder) -> Client {
    builder.tls_danger_accept_invalid_certs(true).build().unwrap()
}

#[tokio::test]
async fn both_versions_of_http_are_served_until_the_process_drains() {
    let (address, _, lifecycle) = served();
    let url = format!("https://{address}/login");
    let long = format!("{url}?filter={}", "x".repeat(60_000));
    for (builder, version) in [(Client::builder().http1_only(), Version::HTTP_11), (Client::builder(), Version::HTTP_2)] {
        let client = client(builder);
        for url in [&url, &long] {
            let answer = client.get(url).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.version()), (200, version));
        }
    }
    lifecycle.stop();
    assert_eq!(lifecycle.run().await, Ok(()));
    assert!(client(Client::builder()).get(&url).send().await.is_err());
}

#[tokio::test]
async fn an_answer_that_has_no_body_has_no_length_in_either_version() {
    let (address, _, _lifecycle) = served();
    let base = format!("https://{address}/scim2");
    for (builder, version) in [(Client::builder().http1_only(), Version::HTTP_11), (Client::builder(), Version::HTTP_2)] {
        let client = client(builder);
        let user = format!("{base}/Users/{ALICE}");
        for (request, status) in [
            (client.delete(&user), 204),
            (client.patch(format!("{base}/Groups/{}", house::LARGE)).body("{}"), 204),
            (client.get(&user).header("if-none-match", "*"), 304),
            (client.head(&user).header("if-none-match", "*"), 304),
        ] {
            let answer = request.basic_auth("admin", Some("admin")).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.version()), (status, version));
            assert!(!answer.headers().contains_key(header::CONTENT_LENGTH), "{version:?} {status}: {:?}", answer.headers());
        }
        let read = client.get(&user).basic_auth("admin", Some("admin")).send().await.unwrap();
        assert!(read.headers().contains_key(header::CONTENT_LENGTH), "{:?}", read.headers());
    }
}

#[tokio::test]
async fn a_uri_of_more_than_64_kib_is_too_long() {
    let (address, certificate, _lifecycle) = served();
    let get = |length: usize| format!("GET /scim2/Schemas?x={} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(length));
    let requests = [get(65_000), get(66_000)];
    let answers = tokio::task::spawn_blocking(move || in_one_connection(address, &certificate, &requests)).await.unwrap();
    let statuses: Vec<_> = answers.iter().map(|line| &line[9..12]).collect();
    assert_eq!(statuses, ["200", "414"]);
}

#[test]
fn a_key_that_is_none_is_refused_in_a_sentence() {
    let made = tls::self_signed(&["localhost".to_owned()]).unwrap();
    assert!(tls_config(made.certificate.as_bytes(), b"no key").unwrap_err().detail.contains("private key"));
}

/// Writes requests into one connection of HTTP/1.1 and reads an answer after each: its status line.
fn in_one_connection(address: SocketAddr, certificate: &str, requests: &[String]) -> Vec<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let tls = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut connection = BufReader::new(StreamOwned::new(tls, TcpStream::connect(address).unwrap()));
    requests.iter().map(|request| ask(&mut connection, request)).collect()
}

fn ask(connection: &mut BufReader<impl Read + Write>, request: &str) -> String {
    for part in request.as_bytes().chunks(100_000) {
        connection.get_mut().write_all(part).unwrap();
    }
    let (mut head, mut length) = (Vec::new(), 0);
    while head.last().is_none_or(|line: &String| line != "\r\n") {
        let mut line = String::new();
        assert!(connection.read_line(&mut line).unwrap() > 0, "the connection was closed after {head:?}");
        length = line.to_lowercase().strip_prefix("content-length:").map_or(length, |text| text.trim().parse().unwrap());
        head.push(line);
    }
    connection.read_exact(&mut vec![0; length]).unwrap();
    head.swap_remove(0).trim().to_owned()
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_was_read_does_not_end_the_connection() {
    let (address, certificate, _lifecycle) = served();
    let post = |path: &str, credentials: &str, kind: &str, length: usize| {
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {}\r\n", STANDARD.encode(credentials));
        format!("{head}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{}", " ".repeat(length))
    };
    let requests = [
        post("/scim2/Users", "admin:wrong", "application/scim+json", 900_000),
        post("/scim2/Nothing", "admin:admin", "application/scim+json", 900_000),
        post("/scim2/Me", "admin:admin", "application/scim+json", 900_000),
        post("/scim2/Users", "admin:admin", "text/plain", 900_000),
        post("/scim2/Bulk", "admin:admin", "application/scim+json", 2_000_000),
        post("/scim2/Users", "admin:admin", "application/scim+json", 2),
    ];
    let answers = tokio::task::spawn_blocking(move || in_one_connection(address, &certificate, &requests)).await.unwrap();
    let statuses: Vec<_> = answers.iter().map(|line| &line[9..12]).collect();
    assert_eq!(statuses, ["401", "404", "405", "415", "413", "201"]);
}
