//! Other programs that hear the events: what the NATS server's configuration says of each.
//!
//! Each has an account of its own, for permissions are not enough: whoever asks the server for events says under which subject it
//! wants them, and the server does not look whether it may publish there. In the account of the services a subscriber could so put
//! events into the stream. From its own account it reaches nothing but what is exported to it.

use rekey_messaging::jetstream::STREAM;

use super::nats::{User, quoted};

const FOLDER: &str = "subscriber";
/// Every event.
const EVENTS: &str = "rekey.v1.>";

/// A program that may subscribe and nothing else. Its folder of keys, its account, its durable consumer and its inbox share a name.
pub(super) struct Subscriber {
    pub(super) name: String,
    pub(super) public_key: String,
}

/// The folder of a subscriber's keys; of the first one when no name is given.
pub(super) fn folder(name: Option<&str>) -> String {
    name.map_or_else(|| FOLDER.to_owned(), |name| format!("{FOLDER}-{name}"))
}

/// Is it a subscriber's?
pub(super) fn is_folder(name: &str) -> bool {
    name.strip_prefix(FOLDER).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

impl Subscriber {
    /// What it asks JetStream: to find or make its one consumer, to hand out events, how the stream is. Each with the kind of answer.
    fn questions(&self) -> [(String, &'static str); 4] {
        let name = &self.name;
        [
            (format!("CONSUMER.INFO.{STREAM}.{name}"), "Singleton"),
            (format!("CONSUMER.CREATE.{STREAM}.{name}.{EVENTS}"), "Singleton"),
            (format!("CONSUMER.MSG.NEXT.{STREAM}.{name}"), "Stream"),
            (format!("STREAM.INFO.{STREAM}"), "Singleton"),
        ]
    }

    fn acknowledgements(&self) -> String {
        format!("$JS.ACK.{STREAM}.{}.>", self.name)
    }

    /// What the account of the services opens to it.
    pub(super) fn exports(&self) -> String {
        let account = quoted(&self.name);
        let questions =
            self.questions().map(|(question, answer)| format!("      {{ service: \"$JS.API.{question}\", response_type: {answer}, accounts: [{account}] }}\n"));
        let acknowledgements = self.acknowledgements();
        format!(
            "{}      {{ service: \"{acknowledgements}\", accounts: [{account}] }}\n      {{ stream: \"{EVENTS}\", accounts: [{account}] }}\n",
            questions.concat()
        )
    }

    /// Its account. `$JS.API` is each account's own JetStream, and this one has none: what is asked there is carried over under another name,
    /// so that every client works as it is. Permissions count for the name that is carried over.
    pub(super) fn account(&self) -> String {
        let (name, user, acknowledgements) = (quoted(&self.name), self.user().entry(), self.acknowledgements());
        let mapping = |(question, _): &(String, _)| format!("      \"$JS.API.{question}\": \"{}\"\n", mapped(question));
        let import =
            |(question, _): &(String, _)| format!("      {{ service: {{ account: REKEY, subject: \"$JS.API.{question}\" }}, to: \"{}\" }}\n", mapped(question));
        let questions = self.questions();
        let (mappings, imports) = (questions.each_ref().map(mapping).concat(), questions.each_ref().map(import).concat());
        format!(
            "  {name} {{\n    users: [\n{user}    ]\n    mappings: {{\n{mappings}    }}\n    imports: [\n{imports}      \
             {{ service: {{ account: REKEY, subject: \"{acknowledgements}\" }} }}\n      {{ stream: {{ account: REKEY, subject: \"{EVENTS}\" }} }}\n    ]\n  }}\n"
        )
    }

    fn user(&self) -> User {
        let mut publish: Vec<String> = self.questions().iter().map(|(question, _)| mapped(question)).collect();
        publish.push(self.acknowledgements());
        let subscribe = vec![EVENTS.to_owned(), format!("_INBOX_{}.>", self.name)];
        User { name: self.name.clone(), public_key: self.public_key.clone(), publish, subscribe }
    }
}

fn mapped(question: &str) -> String {
    format!("{STREAM}.API.{question}")
}
