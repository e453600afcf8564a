//! What a newcomer finds, and what a restart keeps.

use rekey_tests::{Options, WSO2, fresh_password, not_in_parts, start, wait_for};
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

#[tokio::test]
async fn the_first_start_prints_a_command_that_works_when_pasted() {
    if not_in_parts("the greeting") {
        return;
    }
    let rekey = start(Options::default()).await;
    let output = wait_for("the greeting", async || Some(rekey.output()).filter(|output| output.contains("curl "))).await;
    for needed in [rekey.base(), "/console".into(), "/dev/mailbox".into(), "admin".into(), "alice".into()] {
        assert!(output.contains(&needed), "{needed} is not in:\n{output}");
    }
    let alice = rekey.admin().get("/scim2/Users?filter=userName%20eq%20%22alice%22").await.expect(200).json()["Resources"][0].clone();
    let id = alice["id"].as_str().expect("alice is there");
    let command = pasted(&output);
    assert!(command.contains(&format!("/scim2/Users/{id}")), "{command}");
    let run = Command::new("bash").arg("-c").arg(&command).output().expect("bash is there");
    let answer: Value = serde_json::from_slice(&run.stdout).unwrap_or_else(|error| panic!("{error}: {command}\n{run:?}"));
    assert_eq!(answer[WSO2]["accountState"], "PENDING_FUPR");
    let address = alice["emails"][0]["value"].as_str().expect("alice has an address");
    let mail = rekey.mail_to(address).await;
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
}

/// The first curl of the output, with the lines that it goes on over.
fn pasted(output: &str) -> String {
    let lines = output.lines().skip_while(|line| !line.trim_start().starts_with("curl "));
    let mut command = Vec::new();
    for line in lines {
        command.push(line.trim());
        if !line.trim_end().ends_with('\\') {
            break;
        }
    }
    assert!(!command.is_empty(), "no curl in:\n{output}");
    command.join("\n")
}

#[tokio::test]
async fn keys_and_mails_are_their_owners_alone() {
    if not_in_parts("the data folder") {
        return;
    }
    let rekey = start(Options::default()).await;
    let user = rekey.admin().create_user("carol").await;
    rekey.admin().trigger(&user).await.expect(200);
    rekey.mail_to(user.address()).await;
    let keys = rekey.data_dir().join("keys");
    let secrets = secret_files(&keys);
    assert!(!secrets.is_empty(), "no keys under {}", keys.display());
    let mails = rekey.data_dir().join("mailbox");
    for file in secrets.into_iter().chain(fs::read_dir(mails).expect("a mailbox").flatten().map(|entry| entry.path())) {
        let mode = fs::metadata(&file).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{} is {mode:o}", file.display());
    }
}

/// Every file but certificates.
fn secret_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .flat_map(|path| if path.is_dir() { secret_files(&path) } else { vec![path] })
        .filter(|path| {
            let text = String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
            !text.contains("BEGIN CERTIFICATE") || text.contains("PRIVATE KEY")
        })
        .collect()
}

#[tokio::test]
async fn a_restart_keeps_users_resets_and_sessions() {
    let mut rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let (user, pending) = (admin.create_user("carol").await, admin.create_user("dave").await);
    let session = rekey.anyone().open_session(&user, &user.password).await;
    admin.trigger(&pending).await.expect(200);
    admin.wait_until_sent(&pending).await;
    let (before, reset) = (admin.user(&user).await, admin.reset(&pending).await);
    let mail = rekey.mail_to(pending.address()).await;
    rekey.restart(&[]).await;

    assert_eq!(admin.user(&user).await, before);
    assert_eq!(admin.reset(&pending).await, reset);
    assert!(session.session_is_alive().await, "a restart ended a session");
    rekey.anyone().open_session(&user, &user.password).await;
    rekey.anyone().refused("dave", &pending.password).await;
    let password = fresh_password();
    rekey.anyone().complete(&mail.token(), &password).await.expect(204);
    rekey.anyone().open_session(&pending, &password).await;
    assert_eq!(rekey.mails_to(pending.address()).len(), 1);
}

#[tokio::test]
async fn a_second_start_makes_no_second_alice() {
    if not_in_parts("the demo user") {
        return;
    }
    let mut rekey = start(Options::default()).await;
    let people = async |rekey: &rekey_tests::Rekey| rekey.admin().get("/scim2/Users").await.expect(200).json()["totalResults"].clone();
    assert_eq!(people(&rekey).await, 2);
    let alice =
        rekey.admin().get("/scim2/Users?filter=userName%20eq%20%22alice%22").await.expect(200).json()["Resources"][0]["id"].as_str().expect("an id").to_owned();
    rekey.admin().delete(&format!("/scim2/Users/{alice}")).await.expect(204);
    rekey.restart(&[]).await;
    assert_eq!(people(&rekey).await, 1, "a deleted alice came back");
}
