//! `cargo xtask dev`: everything on this machine in one go.

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rekey_tests::{
    Api, NewUser,
    build::{binary, workspace},
    ports::free_ports_in_a_row,
    program::Program,
    secrets::Secrets,
    wait_for,
};
use std::{net::TcpListener, path::Path, process::Command};

const PORTS: u16 = 20;

/// `$REKEY_XTASK` (set by `cargo xtask test`), else cargo finds it.
fn xtask(data: &Path, first_port: u16) -> Command {
    let mut command = std::env::var_os("REKEY_XTASK").map_or_else(
        || {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["run", "--quiet", "--package", "xtask", "--"]).current_dir(workspace());
            cargo
        },
        Command::new,
    );
    command.args(["dev", "--first-port", &first_port.to_string(), "--data"]).arg(data).arg("--binary").arg(binary());
    command
}

#[tokio::test]
async fn everything_starts_in_one_go_serves_and_stops_together() {
    let folder = tempfile::tempdir().expect("a folder");
    // PostgreSQL never runs as root, and must reach its files.
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a folder's mode can be set");
    let (data, first) = (folder.path().join("dev"), free_ports_in_a_row(PORTS));
    for round in 0..2 {
        let mut dev = Program::start(xtask(&data, first), &folder.path().join(format!("output-{round}.log")));
        let said = wait_for("`cargo xtask dev` to serve", async || {
            assert!(dev.ended().is_none(), "it ended:\n{}", dev.output());
            Some(dev.output()).filter(|output| output.contains("Ctrl-C stops all"))
        })
        .await;
        assert!(said.lines().any(|line| line.starts_with("scim ") && line.contains("serving")), "no log with its process's name:\n{said}");
        use_it(&data, first, round).await;
        dev.signal(Signal::SIGINT);
        let status = dev.end().await;
        assert!(status.success(), "{status}:\n{}", dev.output());
        for port in first..first + PORTS {
            assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "something still listens on {port}:\n{}", dev.output());
        }
    }
}

async fn use_it(data: &Path, first: u16, round: u8) {
    let password = std::fs::read_to_string(data.join("keys/admin-password")).expect("the administrator's password");
    let client = rekey_tests::api::client();
    let admin = Api::at(client.clone(), format!("https://localhost:{}", first + 3), Secrets::default()).with_basic("admin", &password);
    let user = admin.create(NewUser::named(&format!("carol-{round}")).with("displayName", "<b>Carol</b>".into())).await;
    admin.trigger(&user).await.expect(200);
    let page = format!("http://127.0.0.1:{}/", first + 8);
    let shown = wait_for("the mail to be shown", async || {
        let text = client.get(&page).send().await.ok()?.text().await.ok()?;
        text.contains(user.address()).then_some(text)
    })
    .await;
    assert!(shown.contains("/reset#") && !shown.contains("<b>Carol</b>"), "{shown}");
    let elsewhere = client.get(&page).header("host", "evil.example").send().await.expect("an answer");
    assert_eq!(elsewhere.status(), 421);
}

#[tokio::test]
async fn when_one_process_dies_all_stop_and_it_says_which() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a folder's mode can be set");
    let (data, first) = (folder.path().join("dev"), free_ports_in_a_row(PORTS));
    let mut dev = Program::start(xtask(&data, first), &folder.path().join("output.log"));
    wait_for("the mail server to run", async || {
        assert!(dev.ended().is_none(), "it ended:\n{}", dev.output());
        dev.output().contains("taking mail").then_some(())
    })
    .await;
    let config = data.join("deployment.toml").display().to_string();
    wait_for("the notification process to be there and die", async || kill(process_with(&[&config, "notification"])?, Signal::SIGKILL).ok()).await;
    let status = dev.end().await;
    assert!(!status.success() && dev.output().contains("notification ended"), "{status}:\n{}", dev.output());
    for port in first..first + PORTS {
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "something still listens on {port}:\n{}", dev.output());
    }
}

/// The process whose last arguments are these.
fn process_with(arguments: &[&str]) -> Option<Pid> {
    let end = format!("{}\0", arguments.join("\0"));
    let processes = std::fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes
        .into_iter()
        .find(|process: &i32| std::fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| line.ends_with(end.as_bytes())))
        .map(Pid::from_raw)
}
