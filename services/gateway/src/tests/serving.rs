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

fn client(builder: reqwest::ClientBuilder) -> Client {
    builder.tls_danger_accept_invalid_certs(true).build().unwrap()
}

#[tokio::test]
async fn both_versions_of_http_are_served_until_the_process_drains() {
    tls::install_provider();
    let made = tls::self_signed(&["localhost".to_owned()]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/login", listener.local_addr().unwrap());
    let (lifecycle, edge) = (Lifecycle::new(), edge());
    serve(listener, tls_config(made.certificate.as_bytes(), made.private_key.as_bytes()).unwrap(), edge.router, &lifecycle).unwrap();
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
    tls::install_provider();
    let made = tls::self_signed(&["localhost".to_owned()]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, lifecycle) = (listener.local_addr().unwrap(), Lifecycle::new());
    serve(listener, tls_config(made.certificate.as_bytes(), made.private_key.as_bytes()).unwrap(), edge().router, &lifecycle).unwrap();
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
    let answers = tokio::task::spawn_blocking(move || in_one_connection(address, &made.certificate, &requests)).await.unwrap();
    let statuses: Vec<_> = answers.iter().map(|line| &line[9..12]).collect();
    assert_eq!(statuses, ["401", "404", "405", "415", "413", "201"]);
}
