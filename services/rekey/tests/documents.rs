//! `docs/events.md` and `docs/asyncapi.yaml` name every event, every field of its message, and who publishes it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use prost_reflect::{DescriptorPool, MessageDescriptor};
use rekey_messaging::EventKind;
use saphyr::{LoadableYamlNode, Yaml};
use std::{collections::BTreeSet, fs, path::Path};

fn read(path: &str) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    fs::read_to_string(workspace.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn messages() -> Vec<MessageDescriptor> {
    let pool = DescriptorPool::decode(rekey_proto::FILE_DESCRIPTOR_SET).unwrap();
    pool.all_messages().filter(|message| message.package_name() == "rekey.events.v1").collect()
}

fn message(kind: EventKind) -> MessageDescriptor {
    messages().into_iter().find(|message| message.full_name() == kind.message()).unwrap_or_else(|| panic!("{} is in no .proto", kind.message()))
}

fn publisher(kind: EventKind) -> &'static str {
    kind.source().trim_start_matches("/rekey/")
}

/// From a line to the next that begins like it.
fn section<'a>(text: &'a str, heading: &str, mark: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("there is no `{heading}`"));
    rest.split_once(mark).map_or(rest, |(section, _)| section)
}

#[test]
fn every_message_is_an_event() {
    let kinds: BTreeSet<_> = EventKind::ALL.iter().map(|kind| kind.message().to_owned()).collect();
    assert_eq!(messages().iter().map(|message| message.full_name().to_owned()).collect::<BTreeSet<_>>(), kinds);
}

#[test]
fn the_guide_names_every_event_with_every_field() {
    let guide = read("docs/events.md");
    for kind in EventKind::ALL {
        let told = section(&guide, &format!("### `{kind}`"), "\n#");
        assert!(told.contains(&format!("Published by {}", publisher(*kind))), "who publishes {kind}?");
        assert!(told.contains(&format!("`{}`", message(*kind).name())), "which message has {kind}?");
        let named: BTreeSet<_> =
            told.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next()).flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
        let fields: BTreeSet<_> = message(*kind).fields().map(|field| field.name().to_owned()).collect();
        assert_eq!(named, fields.iter().map(String::as_str).collect(), "the fields of {kind}");
    }
}

#[test]
fn the_description_for_tools_has_every_event_and_its_message_to_the_letter() {
    let (text, proto) = (read("docs/asyncapi.yaml"), read("proto/rekey/events/v1/events.proto"));
    let documents = Yaml::load_from_str(&text).unwrap();
    let description = &documents[0];
    for kind in EventKind::ALL {
        let name = message(*kind).name().to_owned();
        let channel = at(description, &["channels", kind.as_str()]);
        assert_eq!(at(channel, &["address"]).as_str().unwrap(), format!("rekey.v1.{{tenant}}.{kind}"));
        assert_eq!(at(channel, &["messages", &name, "$ref"]).as_str().unwrap(), format!("#/components/messages/{name}"));
        let told = at(description, &["components", "messages", &name]);
        let (_, rest) = proto.split_once(&format!("message {name} {{\n")).expect("the message is in events.proto");
        let (fields, _) = rest.split_once("\n}").unwrap();
        let schema = at(told, &["payload", "schema"]).as_str().unwrap();
        assert!(schema.contains(&format!("message {name} {{\n{fields}\n}}\n")), "{name} is not as in events.proto:\n{schema}");
        let headers = at(told, &["headers", "allOf"]).as_sequence().unwrap()[1].clone();
        assert_eq!(at(&headers, &["properties", "ce-type", "const"]).as_str().unwrap(), kind.message());
        assert_eq!(at(&headers, &["properties", "ce-source", "const"]).as_str().unwrap(), kind.source());
        assert_eq!(at(description, &["operations", &format!("publish_{kind}"), "action"]).as_str(), Some("send"));
    }
}

#[test]
fn every_reference_of_the_description_leads_somewhere() {
    let text = read("docs/asyncapi.yaml");
    let documents = Yaml::load_from_str(&text).unwrap();
    for line in text.lines() {
        if let Some((_, reference)) = line.split_once("$ref: '#/") {
            at(&documents[0], &reference.trim_end_matches('\'').split('/').collect::<Vec<_>>());
        }
    }
}

fn at<'a, 'b>(node: &'a Yaml<'b>, path: &[&str]) -> &'a Yaml<'b> {
    path.iter().fold(node, |node, key| node.as_mapping_get(key).unwrap_or_else(|| panic!("there is no {} in docs/asyncapi.yaml", path.join(" > "))))
}
