//! What does not start, and what it says.

use rekey_tests::{Deployment, Options, Part, Rekey, deployment::prepare, wait_for};

/// Waits until this process has ended, and it alone of what it says.
async fn refused(rekey: &mut Rekey, part: Part) -> String {
    wait_for(&format!("{part:?} to refuse"), async || rekey.has_ended(part, 0).then_some(())).await;
    let output = rekey.folder().join(format!("output-{}-1.log", part.command()));
    rekey_tests::program::read_lossy(&output)
}

#[tokio::test]
async fn a_service_without_its_keys_refuses_to_start_and_says_what_makes_them() {
    let nowhere = tempfile::tempdir().expect("a folder");
    let mut rekey = prepare(Options::of(Deployment::PARTS).env("REKEY__KEYS__DIR", &nowhere.path().display().to_string()));
    rekey.launch(&[]);
    for part in Part::ALL {
        let said = refused(&mut rekey, part).await;
        assert!(said.contains("rekey keys init"), "{part:?}: {said}");
    }
}

#[tokio::test]
async fn the_password_that_everybody_knows_is_refused() {
    let mut rekey = prepare(Options::of(Deployment::PARTS).env("REKEY__SUPER_ADMIN__PASSWORD_FILE", ""));
    rekey.launch(&[]);
    let said = refused(&mut rekey, Part::Scim).await;
    assert!(said.contains("super_admin.password") && said.contains("openssl"), "{said}");
}

#[tokio::test]
async fn a_notification_without_a_mail_server_refuses_to_start_and_names_the_key() {
    let mut rekey = prepare(Options::of(Deployment::PARTS).env("REKEY__OUTPUT_ADAPTER__EMAIL__HOSTNAME", ""));
    rekey.launch(&[]);
    let said = refused(&mut rekey, Part::Notification).await;
    assert!(said.contains("output_adapter.email.hostname"), "{said}");
}

#[tokio::test]
async fn a_part_on_the_bus_of_one_process_refuses_to_start_and_names_the_key() {
    let mut rekey = prepare(Options::of(Deployment::PARTS).env("REKEY__BUS__URL", "memory:"));
    rekey.launch(&[]);
    for part in Part::WITH_DATABASE {
        let said = refused(&mut rekey, part).await;
        assert!(said.contains("bus.url"), "{part:?}: {said}");
    }
}
