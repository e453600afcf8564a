//! Hears Rekey's events and prints each as a line of JSON: its `CloudEvents` attributes and, as `data`, the decoded message.
//! Copy it, and do something better than printing.

use async_nats::{
    Client, ConnectOptions, Error, HeaderMap,
    jetstream::{
        self, AckKind, Context, Message,
        consumer::{Consumer, pull},
    },
};
use clap::Parser;
use futures::StreamExt;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::{Map, Value};
use std::{collections::HashSet, fs, path::PathBuf, time::Duration};

/// Prints Rekey's events as lines of JSON.
#[derive(Parser)]
struct Arguments {
    /// The NATS server
    #[arg(long, default_value = "tls://localhost:4222")]
    server: String,
    /// The folder with nats.nk and ca.crt that `rekey keys init` made; its name is the name of the durable consumer
    #[arg(long, default_value = "keys/subscriber")]
    keys: PathBuf,
    /// End after this many events
    #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true)]
    once: usize,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut subscriber = Subscriber::connect(&Arguments::parse()).await?;
    tokio::select! {
        () = subscriber.run() => {}
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    Ok(subscriber.client.drain().await?)
}

struct Subscriber {
    client: Client,
    jetstream: Context,
    name: String,
    messages: DescriptorPool,
    left: usize,
    seen: HashSet<String>,
}

impl Subscriber {
    async fn connect(arguments: &Arguments) -> Result<Self, Error> {
        let name = arguments.keys.file_name().and_then(|name| name.to_str()).ok_or("--keys names no folder")?.to_owned();
        let client = ConnectOptions::with_nkey(fs::read_to_string(arguments.keys.join("nats.nk"))?.trim().to_owned())
            .add_root_certificates(arguments.keys.join("ca.crt"))
            .require_tls(true)
            // The one inbox that this user may read.
            .custom_inbox_prefix(format!("_INBOX_{name}"))
            .max_reconnects(None)
            // What the server does not allow is told here and nowhere else.
            .event_callback(|event| async move { eprintln!("{event}") })
            .connect(arguments.server.as_str())
            .await?;
        let messages = DescriptorPool::decode(&include_bytes!(concat!(env!("OUT_DIR"), "/events.bin"))[..])?;
        Ok(Self { jetstream: jetstream::new(client.clone()), client, name, messages, left: arguments.once, seen: HashSet::new() })
    }

    /// Whatever goes wrong (the server restarts, its store is wiped): begin anew. What was not acknowledged comes again.
    async fn run(&mut self) {
        while self.left > 0 {
            if let Err(error) = self.session().await {
                eprintln!("no events for the moment: {error}");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    async fn session(&mut self) -> Result<(), Error> {
        let consumer = self.consumer().await?;
        while self.left > 0 {
            let mut batch = consumer.batch().max_messages(self.left.min(16)).expires(Duration::from_secs(5)).messages().await?;
            while let Some(message) = batch.next().await {
                self.take(&message?).await?;
            }
        }
        Ok(())
    }

    /// Finds the durable consumer, or makes it. The server remembers for it what was acknowledged.
    async fn consumer(&self) -> Result<Consumer<pull::Config>, Error> {
        let config = pull::Config { durable_name: Some(self.name.clone()), filter_subject: "rekey.v1.>".to_owned(), ..pull::Config::default() };
        Ok(self.jetstream.create_consumer_on_stream(config, "REKEY").await?)
    }

    /// Handles an event, then acknowledges it: in this order nothing is lost, but an event may come twice.
    async fn take(&mut self, message: &Message) -> Result<(), Error> {
        match self.read(message) {
            Ok(event) => {
                self.handle(&event);
                message.double_ack().await
            }
            Err(error) => {
                eprintln!("{}: no event of Rekey's: {error}", message.subject);
                message.ack_with(AckKind::Term).await
            }
        }
    }

    /// An event that was published again has the same id. A program with a database keeps the ids there, in the transaction in which it does
    /// what the event asks for.
    fn handle(&mut self, event: &Map<String, Value>) {
        if self.seen.insert(event["id"].to_string()) {
            println!("{}", Value::Object(event.clone()));
            self.left -= 1;
        }
    }

    /// The event as `CloudEvents` writes it in JSON. The kind of its message stands in `ce-type`.
    fn read(&self, message: &Message) -> Result<Map<String, Value>, Error> {
        let mut event = attributes(message.headers.as_ref().ok_or("it has no headers")?);
        event.get("id").ok_or("it has no ce-id")?;
        let kind = event.get("type").and_then(Value::as_str).ok_or("it has no ce-type")?;
        let kind = self.messages.get_message_by_name(kind).ok_or("a kind that this program is too old for")?;
        let data = DynamicMessage::decode(kind, message.payload.clone())?;
        let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
        event.insert("data".to_owned(), data.serialize_with_options(serde_json::value::Serializer, &options)?);
        Ok(event)
    }
}

/// `ce-id` is `id`, and so on; the trace context is an attribute as well.
fn attributes(headers: &HeaderMap) -> Map<String, Value> {
    let named = |name: &str| name.strip_prefix("ce-").or((name == "traceparent").then_some(name)).map(str::to_owned);
    headers.iter().filter_map(|(name, values)| Some((named(name.as_ref())?, values.first()?.as_str().into()))).collect()
}
