//! The example subscribers, as other people copy them, under a subscriber's rights.

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use prost::Message;
use rekey_kernel::{TenantId, Timestamp};
use rekey_messaging::{Event, EventBus, EventKind, JetStreamBus};
use rekey_proto::{
    common::v1::Method,
    events::v1::{ForcePasswordReset, PasswordResetCompleted},
};
use serde_json::{Value, json};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::OnceLock,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::nats::{Nats, PATIENCE, patiently};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const USER: &str = "6d1a7b1c-1f7e-4d53-9f6c-0d6f4f0f6a11";
const AT: i64 = 1_700_000_000_123_456;

/// As scim publishes it.
fn reset(id: &str, generation: u32) -> Event {
    let message = ForcePasswordReset {
        reset_id: id.to_owned(),
        tenant_id: TenantId::DEFAULT.to_string(),
        user_id: USER.to_owned(),
        epoch: 3,
        methods: vec![Method::Link.into(), Method::Otp.into()],
        reason: "stolen laptop".to_owned(),
        initiator: "admin".to_owned(),
        occurred_at: AT,
        expires_at: AT + 86_400_000_000,
    };
    let event = Event::new(id, EventKind::ForcePasswordReset, TenantId::DEFAULT, USER, Timestamp::from_micros(AT), message.encode_to_vec());
    Event { generation, traceparent: Some(TRACE.to_owned()), ..event }
}

/// As a subscriber prints it.
fn printed(id: &str) -> Value {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": "/rekey/scim",
        "type": "rekey.events.v1.ForcePasswordReset",
        "subject": USER,
        "time": Timestamp::from_micros(AT).to_rfc3339(),
        "datacontenttype": "application/protobuf",
        "traceparent": TRACE,
        "data": {
            "reset_id": id,
            "tenant_id": TenantId::DEFAULT.to_string(),
            "user_id": USER,
            "epoch": "3",
            "methods": ["METHOD_LINK", "METHOD_OTP"],
            "reason": "stolen laptop",
            "initiator": "admin",
            "occurred_at": AT.to_string(),
            "expires_at": (AT + 86_400_000_000).to_string(),
        },
    })
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

/// The Rust one, built now if need be: with the selection and the features with which `cargo xtask` builds, so that nothing is built twice.
fn rust() -> Vec<OsString> {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let binary = BINARY.get_or_init(|| {
        let words = ["build", "--workspace", "--features", "rekey/crash-points", "--bin", "subscriber"];
        let built = std::process::Command::new(env!("CARGO")).args(words).current_dir(workspace()).status().unwrap();
        assert!(built.success(), "the example does not build");
        std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("subscriber")
    });
    vec![binary.into()]
}

/// The Python one; `None`, saying so, where there is no Python with what it needs.
fn python() -> Option<Vec<OsString>> {
    let Some(python) = std::env::var_os("REKEY_TEST_PYTHON") else {
        let why = "REKEY_TEST_PYTHON names no Python with what examples/subscriber-python/requirements.txt asks for: `cargo xtask test` brings one along";
        assert!(std::env::var_os("REKEY_TEST_ALL").is_none(), "{why}");
        eprintln!("left out: {why}");
        return None;
    };
    let (program, proto) = (workspace().join("examples/subscriber-python/subscriber.py"), workspace().join("proto"));
    Some(vec![python, program.into(), "--proto".into(), proto.into()])
}

/// A running example.
struct Example {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Example {
    fn start(words: &[OsString], nats: &Nats, once: Option<usize>) -> Self {
        Self::start_as("subscriber", words, nats, once)
    }

    fn start_as(name: &str, words: &[OsString], nats: &Nats, once: Option<usize>) -> Self {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg("--server").arg(nats.url()).arg("--keys").arg(nats.keys(name));
        if let Some(events) = once {
            command.arg("--once").arg(events.to_string());
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next event; `None` when it ended.
    async fn next(&mut self) -> Option<Value> {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("the example prints an event in time").unwrap();
        line.map(|line| serde_json::from_str(&line).unwrap())
    }

    async fn must_print(&mut self, id: &str) {
        assert_eq!(self.next().await.expect("the example goes on"), printed(id));
    }

    /// It prints nothing more, and ends well.
    async fn must_end(mut self) {
        assert_eq!(self.next().await, None);
        let status: ExitStatus = timeout(PATIENCE, self.child.wait()).await.expect("the example ends").unwrap();
        assert!(status.success(), "{status}");
    }

    fn interrupt(&self) {
        kill(Pid::from_raw(self.child.id().unwrap().try_into().unwrap()), Signal::SIGINT).unwrap();
    }
}

/// As the outbox does: again until it is taken.
async fn publish(bus: &JetStreamBus, event: Event) {
    patiently(async || bus.publish(&event).await).await;
}

/// One event a line with its attributes and its message, once however often it was published; what was acknowledged does not come
/// again, to whoever asks under the same name.
async fn events_are_read_once(example: &[OsString]) {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    for event in [reset("first", 0), reset("first", 1), reset("second", 0)] {
        publish(&scim, event).await;
    }
    let mut reader = Example::start(example, &nats, Some(2));
    reader.must_print("first").await;
    reader.must_print("second").await;
    reader.must_end().await;
    publish(&scim, reset("third", 0)).await;
    let mut reader = Example::start(example, &nats, Some(1));
    reader.must_print("third").await;
    reader.must_end().await;
}

async fn another_subscriber_hears_everything_too(example: &[OsString]) {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    publish(&scim, reset("first", 0)).await;
    for name in ["subscriber", "subscriber-siem"] {
        let mut reader = Example::start_as(name, example, &nats, Some(1));
        reader.must_print("first").await;
        reader.must_end().await;
    }
}

async fn every_kind_is_decoded_and_rubbish_stops_nothing(example: &[OsString]) {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    let authentication = nats.bus(rekey_runtime::grpc::Service::Authentication).await;
    publish(&scim, Event { payload: vec![0xff].into(), ..reset("rubbish", 0) }).await;
    let message = PasswordResetCompleted { reset_id: "r".to_owned(), completed_by: "user".to_owned(), ..PasswordResetCompleted::default() };
    let kind = EventKind::PasswordResetCompleted;
    publish(&authentication, Event::new("r:done", kind, TenantId::DEFAULT, USER, Timestamp::from_micros(AT), message.encode_to_vec())).await;
    let mut reader = Example::start(example, &nats, Some(1));
    let event = reader.next().await.unwrap();
    assert_eq!((&event["type"], &event["source"]), (&json!(kind.message()), &json!(kind.source())));
    assert_eq!((&event["data"]["reset_id"], &event["data"]["completed_by"], &event["data"]["occurred_at"]), (&json!("r"), &json!("user"), &json!("0")));
    reader.must_end().await;
}

async fn a_reader_outlives_its_server(example: &[OsString]) {
    let Some((nats, scim)) = Nats::with_stream().await else { return };
    let mut reader = Example::start(example, &nats, None);
    publish(&scim, reset("before", 0)).await;
    reader.must_print("before").await;
    nats.restart(false);
    publish(&scim, reset("after a restart", 0)).await;
    reader.must_print("after a restart").await;
    nats.restart(true);
    publish(&scim, reset("after its store was wiped", 0)).await;
    reader.must_print("after its store was wiped").await;
    reader.interrupt();
    reader.must_end().await;
}

macro_rules! both {
    ($($test:ident)*) => {
        mod in_rust {
            $(#[tokio::test]
            async fn $test() {
                let words = super::rust();
                super::$test(&words).await;
            })*
        }

        mod in_python {
            $(#[tokio::test]
            async fn $test() {
                let Some(words) = super::python() else { return };
                super::$test(&words).await;
            })*
        }
    };
}

both! {
    events_are_read_once
    another_subscriber_hears_everything_too
    every_kind_is_decoded_and_rubbish_stops_nothing
    a_reader_outlives_its_server
}
