//! `rekey keys nats-conf`.

use anyhow::{Context, Result, bail};
use nkeys::KeyPair;
use rekey_messaging::{EventKind, Subscription, jetstream::STREAM};
use rekey_runtime::{files, grpc::Service};
use std::{fs, path::Path};

use super::subscriber::{self, Subscriber};

/// A user of the server, and what it may do.
pub(super) struct User {
    pub(super) name: String,
    pub(super) public_key: String,
    pub(super) publish: Vec<String>,
    pub(super) subscribe: Vec<String>,
}

/// Prints the configuration.
pub(crate) fn print(dir: &Path, listen: &str, store: &Path) -> Result<()> {
    print!("{}", configuration(dir, listen, store)?);
    Ok(())
}

fn configuration(dir: &Path, listen: &str, store: &Path) -> Result<String> {
    if !listen.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) {
        bail!("`{listen}` is no address: use something like 0.0.0.0:4222");
    }
    let keys = dir.join("nats");
    Ok(format!(
        "# Made by `rekey keys nats-conf`; needs nats-server 2.12.3 or newer.\n\
         listen: {listen}\n\
         server_name: rekey\n\
         # Without `always` a power cut loses acknowledged events of up to two minutes.\n\
         jetstream {{ store_dir: {store}, sync_interval: always }}\n\
         tls {{ cert_file: {certificate}, key_file: {key}, ca_file: {ca}, timeout: 5 }}\n\
         accounts {{\n{accounts}}}\n",
        listen = quoted(listen),
        store = quoted(&store.display().to_string()),
        certificate = quoted(&absolute(&keys.join("server.crt"))?),
        key = quoted(&absolute(&keys.join("server.key"))?),
        ca = quoted(&absolute(&keys.join("ca.crt"))?),
        accounts = accounts(dir)?,
    ))
}

/// One for the services, which holds the stream, and one for each subscriber.
fn accounts(dir: &Path) -> Result<String> {
    let services: String = services(dir)?.iter().map(User::entry).collect();
    let subscribers = subscribers(dir)?;
    let exports: String = subscribers.iter().map(Subscriber::exports).collect();
    let others: String = subscribers.iter().map(Subscriber::account).collect();
    Ok(format!(
        "  REKEY {{\n    jetstream: enabled\n    users: [\n{services}    ]\n    # What the subscribers get to see of it.\n    exports: [\n{exports}    ]\n  }}\n{others}"
    ))
}

impl User {
    /// Its line among the users of an account.
    pub(super) fn entry(&self) -> String {
        let (publish, subscribe) = (rule(&self.publish), rule(&self.subscribe));
        format!(
            "      # {}\n      {{ nkey: {}, permissions: {{\n          publish: {{ {publish} }},\n          subscribe: {{ {subscribe} }} }} }}\n",
            self.name, self.public_key
        )
    }
}

/// An empty list would allow everything.
fn rule(subjects: &[String]) -> String {
    if subjects.is_empty() {
        return "deny: \">\"".to_owned();
    }
    format!("allow: [{}]", subjects.iter().map(|subject| quoted(subject)).collect::<Vec<_>>().join(", "))
}

fn services(dir: &Path) -> Result<Vec<User>> {
    let scim = {
        let mut user = service(dir, Service::Scim, Some(&rekey_scim::events::Listener::subscription()))?;
        user.publish.extend(["CREATE", "UPDATE", "INFO"].map(|verb| format!("$JS.API.STREAM.{verb}.{STREAM}")));
        user
    };
    Ok(vec![
        scim,
        service(dir, Service::Authentication, Some(&rekey_authentication::subscription()))?,
        service(dir, Service::TenantConfig, None)?,
        service(dir, Service::Notification, Some(&rekey_notification::events::subscription()))?,
        service(dir, Service::Gateway, None)?,
    ])
}

/// A service publishes its own events and takes those that it is subscribed to.
fn service(dir: &Path, service: Service, subscription: Option<&Subscription>) -> Result<User> {
    let own = |kind: &&EventKind| kind.source() == format!("/rekey/{service}");
    let mut publish: Vec<String> = EventKind::ALL.iter().filter(own).map(|kind| format!("rekey.v1.*.{kind}")).collect();
    if let Some(subscription) = subscription {
        for kind in &subscription.kinds {
            publish.extend(consumer(&format!("{}_{kind}", subscription.durable), &format!("rekey.v1.*.{kind}")));
        }
    }
    let name = service.as_str();
    Ok(User { name: name.to_owned(), public_key: public_key(&dir.join(name))?, publish, subscribe: vec![format!("_INBOX_{name}.>")] })
}

/// Finds or makes one consumer with one filter, fetches from it, acknowledges to it.
fn consumer(durable: &str, filter: &str) -> Vec<String> {
    vec![
        format!("$JS.API.CONSUMER.INFO.{STREAM}.{durable}"),
        format!("$JS.API.CONSUMER.CREATE.{STREAM}.{durable}.{filter}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{durable}"),
        format!("$JS.ACK.{STREAM}.{durable}.>"),
    ]
}

/// Every one that has a folder of keys.
fn subscribers(dir: &Path) -> Result<Vec<Subscriber>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}; make the keys first: rekey keys init", dir.display()))?;
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).filter(|name| subscriber::is_folder(name)).collect();
    names.sort();
    names.into_iter().map(|name| Ok(Subscriber { public_key: public_key(&dir.join(&name))?, name })).collect()
}

fn public_key(folder: &Path) -> Result<String> {
    let path = folder.join("nats.nk");
    let seed = String::from_utf8(files::read_private(&path).context("make the keys first: rekey keys init")?)?;
    let pair = KeyPair::from_seed(seed.trim()).with_context(|| format!("{} is no nkey seed", path.display()))?;
    Ok(pair.public_key())
}

fn absolute(path: &Path) -> Result<String> {
    let found = path.canonicalize().with_context(|| format!("cannot read {}; make the keys first: rekey keys init", path.display()))?;
    Ok(found.display().to_string())
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_may_publish_its_own_events_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        super::super::init::run(folder.path(), "id.example.com", &[]).unwrap();
        let users = services(folder.path()).unwrap();
        let publishers = |event: &str| {
            let publishes = |user: &&User| user.publish.contains(&format!("rekey.v1.*.{event}"));
            users.iter().filter(publishes).map(|user| user.name.as_str()).collect::<Vec<_>>()
        };
        for kind in EventKind::ALL {
            assert_eq!(publishers(kind.as_str()), [kind.source().trim_start_matches("/rekey/")]);
        }
    }

    #[test]
    fn running_again_changes_nothing_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        super::super::init::run(folder.path(), "id.example.com", &[]).unwrap();
        let print = || configuration(folder.path(), "0.0.0.0:4222", Path::new("/store")).unwrap();
        let before = print();
        super::super::init::run(folder.path(), "other.example.com", &[]).unwrap();
        assert_eq!(print(), before);
    }

    #[test]
    fn a_further_subscriber_gets_an_account_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        super::super::init::run(folder.path(), "id.example.com", &["siem".to_owned()]).unwrap();
        let names: Vec<_> = subscribers(folder.path()).unwrap().into_iter().map(|subscriber| subscriber.name).collect();
        assert_eq!(names, ["subscriber", "subscriber-siem"]);
        assert!(super::super::init::run(folder.path(), "id.example.com", &["a.b".to_owned()]).is_err());
    }
}
