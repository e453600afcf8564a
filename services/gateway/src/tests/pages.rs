//! The web pages.

use axum::http::header;
use rekey_proto::authentication::v1::ResetState;

use super::*;

const CONNECTOR: &str = "/console/identity-providers/resident/QWNjb3VudCBNYW5hZ2VtZW50/YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0";

/// The only link of this name, as a browser test would follow it.
fn link(answer: &Answer, name: &str) -> String {
    let found: Vec<_> = answer
        .body
        .split("<a href=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once("\">"))
        .filter(|(_, rest)| rest.starts_with(&format!("{name}</a>")))
        .collect();
    assert_eq!(found.len(), 1, "{name} in {}", answer.body);
    found.first().unwrap().0.to_owned()
}

#[tokio::test]
async fn no_form_is_read_without_its_token() {
    let edge = edge();
    let table = crate::routes::table(false);
    let forms: Vec<_> = table.paths().iter().filter(|path| !path.starts_with("/scim2") && !path.starts_with("/api")).collect();
    let mut found = 0;
    for path in forms {
        let path = path.replace(['{', '}'], "");
        for fields in ["", "csrf=", "csrf=AAAA", "username=admin&password=admin"] {
            let answer = edge.raw_form(&path, fields).await;
            assert!(matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED), "{path} {fields}: {}", answer.status);
            found += usize::from(answer.status == StatusCode::FORBIDDEN);
        }
    }
    assert_eq!(found, 9 * 4);
    assert!(edge.house.calls().iter().all(|call| call == "verify_session"), "{:?}", edge.house.calls());
}

#[tokio::test]
async fn a_token_that_the_browser_did_not_have_before_is_none() {
    let edge = edge();
    let first = edge.stranger("GET", "/login", "").await;
    assert!(first.header(header::SET_COOKIE).starts_with("__Host-rekey_csrf="));
    let forged = request("POST", "/login").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(text(&format!("csrf={CSRF}"))).unwrap();
    assert_eq!(edge.send(forged).await.status, StatusCode::FORBIDDEN);
    assert!(!edge.page("/login").await.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn the_login_page_signs_in_or_says_the_one_sentence() {
    let edge = edge();
    let answer = edge.form("/login", "username=admin&password=admin&next=/console").await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/console"));
    assert!(answer.header(header::SET_COOKIE).starts_with("__Host-rekey_session=good"));
    let answer = edge.form("/login", "username=%3Cb%3E&password=wrong").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("Login failed! Please recheck the username and password and try again") && !answer.body.contains("<b>"));
}

#[tokio::test]
async fn a_one_time_code_leads_at_once_to_a_new_password() {
    let edge = edge();
    let answer = edge.form("/login", "username=alice&password=ABCD1234").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains(r#"value="only-for-a-password""#) && answer.body.contains("Confirm new password") && answer.body.contains("15 to 128"));
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
    let answer = edge.form("/reset", "resetSession=only-for-a-password&password=a+long+enough+one&confirmation=a+long+enough+one").await;
    assert!(answer.status == StatusCode::OK && answer.body.contains("Your password has been changed"));
}

#[tokio::test]
async fn opening_the_reset_page_asks_nobody_anything() {
    let edge = edge();
    for method in ["GET", "HEAD"].repeat(20) {
        assert_eq!(edge.stranger(method, "/t/default/reset", "").await.status, StatusCode::OK);
    }
    assert_eq!(edge.house.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn the_reset_form_tells_every_reason_and_keeps_its_proof() {
    let edge = edge();
    let answer = edge.form("/reset", "token=good&password=short&confirmation=short").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("it is too_short") && answer.body.contains("it is well_known") && answer.body.contains(r#"value="good""#));
    let answer = edge.form("/reset", "token=good&password=one&confirmation=other").await;
    assert!(answer.body.contains("not the same") && edge.house.count("complete") == 1);
    assert_eq!(edge.form("/reset", "token=used&password=x&confirmation=x").await.status, StatusCode::GONE);
    assert_eq!(edge.form("/reset", "token=forged&password=x&confirmation=x").await.status, StatusCode::NOT_FOUND);
    assert_eq!(edge.form("/reset", "resetSession=dead&password=x&confirmation=x").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_console_leads_to_the_password_reset_options() {
    let edge = edge();
    let mut answer = edge.page("/console").await;
    for name in ["Identity Providers", "Resident", "Account Management", "Password Reset"] {
        answer = edge.page(&link(&answer, name)).await;
    }
    for label in ["Enable password reset via recovery email", "Enable password reset via OTP", "Enable password reset offline"] {
        assert_eq!(answer.body.matches(&format!(">{label}</label>")).count(), 1, "{label}");
    }
    assert!(answer.body.contains("<button>Save</button>") && !answer.body.contains("SMSOTP"));
}

#[tokio::test]
async fn saving_options_sends_what_changed_and_nothing_else() {
    let edge = edge();
    let fields = "Recovery.AdminPasswordReset.OTP=true&Recovery.AdminPasswordReset.ExpiryTime=1440";
    let answer = edge.form(CONNECTOR, fields).await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, format!("{CONNECTOR}?done=saved").as_str()));
    assert_eq!(edge.house.count("governance.update Recovery.AdminPasswordReset.RecoveryLink=false,Recovery.AdminPasswordReset.OTP=true"), 1);
    assert!(edge.page(&format!("{CONNECTOR}?done=saved")).await.body.contains("have been saved"));
}

#[tokio::test]
async fn the_console_leads_to_the_claim() {
    let edge = edge();
    let mut answer = edge.page("/console").await;
    for name in ["Claims", "List", "http://wso2.org/claims", "One Time Password"] {
        answer = edge.page(&link(&answer, name)).await;
    }
    assert!(answer.body.contains(">Supported by Default</label>") && answer.body.contains("<button>Update</button>"));
    let saved = edge.form("/console/claims/list/local/Y2xhaW0", "supportedByDefault=true").await;
    assert_eq!((saved.status, edge.house.count("claims.update Some(true)")), (StatusCode::SEE_OTHER, 1));
}

#[tokio::test]
async fn users_are_looked_for_and_listed_a_page_at_a_time() {
    let edge = edge();
    edge.house.set(|state| state.users = 120);
    let first = edge.page("/console/users").await;
    assert!(edge.house.calls().last().unwrap().starts_with("users.list -;1;50;userName;-;-;userName+displayName+"));
    assert!(first.body.contains("<caption>120 users</caption>") && !first.body.contains("Previous page"));
    assert!(first.body.contains(r#"/console/users?startIndex=51&amp;search=" rel="next""#), "{}", first.body);
    let last = edge.page("/console/users?startIndex=101&search=a%20%26%20b").await;
    assert!(edge.house.calls().last().unwrap().starts_with(r#"users.list userName co "a & b" or displayName co "a & b" or "#));
    assert!(last.body.contains(r#"/console/users?startIndex=51&amp;search=a%20%26%20b" rel="prev""#) && !last.body.contains("Next page"), "{}", last.body);
}

#[tokio::test]
async fn the_console_leads_to_a_user_whose_password_can_be_reset() {
    let edge = edge();
    let mut answer = edge.page("/console").await;
    for name in ["Users and Roles", "List", "Users", "alice"] {
        answer = edge.page(&link(&answer, name)).await;
    }
    assert!(answer.body.contains("<dialog") && answer.body.contains(">Force password reset</button>") && !answer.body.contains("Cancel reset"));
    let at = format!("/console/users/{ALICE}/force");
    let forced = edge.form(&at, "reason=phished").await;
    assert_eq!(forced.header(header::LOCATION), format!("/console/users/{ALICE}?done=forced"));
    assert!(edge.house.calls().iter().any(|call| call.contains(r#""forcePasswordReset":true"#) && call.contains("phished")));
    let refused = edge.form(&at, "reason=no+way").await;
    assert!(refused.status == StatusCode::BAD_REQUEST && refused.body.contains("no reset method is enabled"));
}

#[tokio::test]
async fn a_reset_in_the_way_offers_what_can_be_done_with_it() {
    let edge = edge();
    let path = format!("/console/users/{ALICE}");
    edge.house.set(|state| state.reset = Some(ResetState::Pending));
    let body = edge.page(&path).await.body;
    for button in ["Resend", "Extend", "Cancel reset"] {
        assert!(body.contains(&format!(">{button}</button>")), "{button}");
    }
    assert!(!body.contains("Force password reset") && body.contains("Guesses left"));
    edge.house.set(|state| state.reset = Some(ResetState::Exhausted));
    assert!(edge.page(&path).await.body.contains("All guesses have been used up"));
    assert!(edge.page("/console").await.body.contains("need you"));
    let conflict = edge.form(&format!("{path}/resets/{RESET}/cancel"), "").await;
    assert!(conflict.status == StatusCode::CONFLICT && conflict.body.contains("the reset has ended"));
}

#[tokio::test]
async fn a_code_is_read_only_where_it_is_shown() {
    let edge = edge();
    let path = format!("/console/users/{ALICE}");
    edge.house.set(|state| state.reset = Some(ResetState::Pending));
    assert!(!edge.page(&path).await.body.contains("One Time Password") && edge.house.count("users.get code") == 0);
    edge.house.set(|state| state.code_shown = true);
    let body = edge.page(&path).await.body;
    assert!(body.contains(">One Time Password</label>") && body.contains("ABCD-EFGH-JKMNP"));
    edge.house.set(|state| state.reset = Some(ResetState::Completed));
    let body = edge.page(&path).await.body;
    assert!(body.contains(">One Time Password</label>") && !body.contains("ABCD-EFGH") && edge.house.count("users.get code") == 1);
}

#[tokio::test]
async fn the_powerless_see_their_account_and_no_console() {
    let edge = edge();
    edge.house.set(|state| state.powerless = true);
    let account = edge.page("/myaccount").await;
    assert!(account.status == StatusCode::OK && account.body.contains("alice@example.com") && !account.body.contains("/console"));
    let console = edge.page("/console").await;
    assert!(console.status == StatusCode::FORBIDDEN && console.body.contains("You may not do this"));
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let edge = edge();
    let answer = edge.form("/logout", "").await;
    assert_eq!((answer.header(header::LOCATION), edge.house.count("logout good")), ("/login?done=signed-out", 1));
}

#[tokio::test]
async fn the_mailbox_is_there_only_where_mails_come_to() {
    assert_eq!(edge().stranger("GET", "/dev/mailbox", "").await.status, StatusCode::NOT_FOUND);
    let folder = tempfile::tempdir().unwrap();
    let edge = edge_with(Some(folder.path().to_owned()));
    assert!(edge.stranger("GET", "/dev/mailbox", "").await.body.contains("No mail yet"));
    let mail = "To: alice@example.com\r\nSubject: <b>Hello\r\n\r\nOpen\r\nhttps://x/reset#a.b\r\n";
    std::fs::write(folder.path().join("one.eml"), mail).unwrap();
    let list = edge.stranger("GET", "/dev/mailbox", "").await;
    assert!(list.body.contains("/dev/mailbox/one.eml") && !list.body.contains("<b>"));
    let shown = edge.stranger("GET", "/dev/mailbox/one.eml", "").await;
    assert!(shown.body.contains(r#"<a href="https://x/reset#a.b""#), "{}", shown.body);
    for path in ["/dev/mailbox/..%2fone.eml", "/dev/mailbox/none.eml", "/dev/mailbox/one"] {
        assert_eq!(edge.stranger("GET", path, "").await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
