//! `deployment.toml`.

use rekey_tests::{
    Options,
    deployment::{prepare, start_in_vain},
    not_in_parts, start,
};

const LINK: &str = "Recovery.AdminPasswordReset.RecoveryLink";
const OTP: &str = "Recovery.AdminPasswordReset.OTP";
const OFFLINE: &str = "Recovery.AdminPasswordReset.Offline";
const EXPIRY: &str = "Recovery.AdminPasswordReset.ExpiryTime";

#[tokio::test]
async fn the_guides_snippet_works_as_written() {
    let rekey = start(Options::default().config("[identity_mgt.password_reset_by_admin]\nenable_emailed_link_based_reset= true\n")).await;
    assert_eq!(rekey.admin().option(LINK).await, "true");
    let user = rekey.admin().create_user("carol").await;
    rekey.admin().trigger(&user).await.expect(200);
    rekey.mail_to(user.address()).await.link();
}

#[tokio::test]
async fn the_files_options_are_the_default_and_a_tenants_own_prevail() {
    let file = "[identity_mgt.password_reset_by_admin]\nenable_emailed_link_based_reset = false\nenable_emailed_otp_based_reset = true\nenable_offline_otp_based_reset = true\ncode_validity_period = \"2h\"\n";
    let mut rekey = start(Options::default().config(file)).await;
    let admin = rekey.admin();
    let options = async |admin: &rekey_tests::Api| [admin.option(LINK).await, admin.option(OTP).await, admin.option(OFFLINE).await, admin.option(EXPIRY).await];
    assert_eq!(options(&admin).await, ["false", "true", "true", "120"]);
    admin.set_options(&[(OTP, "false"), (EXPIRY, "30")]).await.expect(200);
    assert_eq!(options(&admin).await, ["false", "false", "true", "30"]);
    rekey.restart(&[]).await;
    assert_eq!(options(&admin).await, ["false", "false", "true", "30"]);
}

#[tokio::test]
async fn out_of_the_box_the_link_is_on() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    assert_eq!(
        [admin.option(LINK).await, admin.option(OTP).await, admin.option(OFFLINE).await, admin.option(EXPIRY).await],
        ["true", "false", "false", "1440"]
    );
}

#[tokio::test]
async fn an_unknown_key_is_an_error_that_names_the_nearest_known_one() {
    for (sections, nearest) in [
        ("[identity_mgt.password_reset_by_admin]\nenable_emailed_link_base_reset = true\n", "enable_emailed_link_based_reset"),
        ("[identity_mgt.password_reset_by_admn]\nenable_emailed_link_based_reset = true\n", "password_reset_by_admin"),
        ("[output_adapter.email]\nhostnam = \"localhost\"\n", "hostname"),
    ] {
        let (status, output) = start_in_vain(Options::default().config(sections)).await;
        assert!(!status.success(), "started with\n{sections}");
        assert!(output.contains(nearest), "{nearest} is not named in:\n{output}");
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_an_error_that_names_the_key() {
    for (sections, key) in [
        ("[identity_mgt.password_reset_by_admin]\nenable_emailed_link_based_reset = \"perhaps\"\n", "enable_emailed_link_based_reset"),
        ("[identity_mgt.password_reset_by_admin]\ncode_validity_period = \"soon\"\n", "code_validity_period"),
    ] {
        let (status, output) = start_in_vain(Options::default().config(sections)).await;
        assert!(!status.success(), "started with\n{sections}");
        assert!(output.contains(key), "{key} is not named in:\n{output}");
    }
}

#[tokio::test]
async fn the_environment_overrides_the_file() {
    let file = "[identity_mgt.password_reset_by_admin]\nenable_emailed_otp_based_reset = false\n";
    let prefix = "REKEY__IDENTITY_MGT__PASSWORD_RESET_BY_ADMIN__";
    let options =
        Options::default().config(file).env(&format!("{prefix}ENABLE_EMAILED_OTP_BASED_RESET"), "true").env(&format!("{prefix}CODE_VALIDITY_PERIOD"), "3h");
    let rekey = start(options).await;
    assert_eq!(rekey.admin().option(OTP).await, "true");
    assert_eq!(rekey.admin().option(EXPIRY).await, "180");
}

#[tokio::test]
async fn an_unknown_key_in_the_environment_is_an_error_too() {
    let (status, output) = start_in_vain(Options::default().env("REKEY__IDENTITY_MGT__PASSWORD_RESET_BY_ADMIN__CODE_VALIDITY_PERIODE", "3h")).await;
    assert!(!status.success());
    assert!(output.to_lowercase().contains("code_validity_period"), "{output}");
}

#[tokio::test]
async fn the_file_is_found_by_the_environment_and_in_the_working_folder() {
    if not_in_parts("a start without any word") {
        return;
    }
    let mut rekey = prepare(Options::default().config("[identity_mgt.password_reset_by_admin]\ncode_validity_period = \"5h\"\n"));
    let mut by_variable = rekey.bare_command();
    let elsewhere = rekey.folder().join("elsewhere.toml");
    std::fs::copy(rekey.config_file(), &elsewhere).expect("a file can be copied");
    std::fs::remove_file(rekey.config_file()).expect("a file can be removed");
    by_variable.env("REKEY_CONFIG", &elsewhere);
    rekey.launch_as(by_variable);
    rekey.ready().await;
    assert_eq!(rekey.admin().option(EXPIRY).await, "300");
    rekey.stop();
    std::fs::rename(&elsewhere, rekey.config_file()).expect("a file can be renamed");
    let in_the_folder = rekey.bare_command();
    rekey.launch_as(in_the_folder);
    rekey.ready().await;
    assert_eq!(rekey.admin().option(EXPIRY).await, "300");
}

#[tokio::test]
async fn a_default_password_is_refused_where_others_can_reach() {
    if not_in_parts("an address that others can reach") {
        return;
    }
    let mut rekey = prepare(Options::default().env("REKEY__GATEWAY__LISTEN", "0.0.0.0:0"));
    rekey.launch(&[]);
    let status = rekey.death().await;
    assert!(!status.success());
    assert!(rekey.output().contains("super_admin"), "{}", rekey.output());
}

#[tokio::test]
async fn the_governance_connector_is_as_in_the_followed_product() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let connector = admin.get(rekey_tests::governance::CONNECTOR).await.expect(200).json();
    assert_eq!(connector["id"], "YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0");
    assert_eq!((&connector["name"], &connector["category"]), (&"admin-forced-password-reset".into(), &"Account Management".into()));
    assert_eq!((&connector["friendlyName"], &connector["order"], &connector["subCategory"]), (&"Password Reset".into(), &0.into(), &"DEFAULT".into()));
    let properties: Vec<_> = connector["properties"]
        .as_array()
        .expect("properties")
        .iter()
        .map(|property| (property["name"].as_str().unwrap_or_default(), property["meta"]["type"].as_str().unwrap_or_default()))
        .collect();
    let sms = "Recovery.AdminPasswordReset.SMSOTP";
    assert_eq!(properties, [(LINK, "boolean"), (OTP, "boolean"), (sms, "boolean"), (OFFLINE, "boolean"), (EXPIRY, "integer")]);
    for bad in [
        &[(sms, "true")][..],
        &[(LINK, "maybe")],
        &[(EXPIRY, "soon")],
        &[(EXPIRY, "-1")],
        &[(EXPIRY, "0")],
        &[("Recovery.Nothing", "true")],
        &[(OTP, "true"), (EXPIRY, "soon")],
    ] {
        let refusal = admin.set_options(bad).await.expect(400).json();
        assert_eq!(refusal["code"], "IDG-50013", "{bad:?}: {refusal}");
        assert!(["message", "description", "traceId"].iter().all(|field| refusal[field].is_string()), "{refusal}");
    }
    assert_eq!(admin.option(OTP).await, "false", "half of a bad change was kept");
    let categories = admin.get("/api/server/v1/identity-governance").await.expect(200).text();
    assert!(categories.contains("QWNjb3VudCBNYW5hZ2VtZW50"), "{categories}");
    admin.get("/api/server/v1/identity-governance/QWNjb3VudCBNYW5hZ2VtZW50").await.expect(200);
    let connectors = admin.get("/api/server/v1/identity-governance/QWNjb3VudCBNYW5hZ2VtZW50/connectors").await.expect(200).json();
    assert!(connectors.as_array().is_some_and(|all| all.iter().any(|one| one["id"] == connector["id"])), "{connectors}");
    admin.get("/api/server/v1/identity-governance/bm90aGluZw").await.expect(404);
}

#[tokio::test]
async fn every_key_that_the_followed_product_has_for_mail_is_known() {
    let mail = "[output_adapter.email]\nfrom_address = \"a@b.example\"\nhostname = \"127.0.0.1\"\nport = 2525\nusername = \"\"\npassword = \"\"\nenable_start_tls = false\nenable_authentication = false\nsignature = \"B\"\n";
    start(Options::default().config(mail)).await;
}
