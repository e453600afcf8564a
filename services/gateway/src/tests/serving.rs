//! The HTTPS listener.

use rekey_runtime::{lifecycle::Lifecycle, tls};
use reqwest::{Client, Version};
use std::net::TcpListener;

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
