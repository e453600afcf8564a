//! The mail and the page that its link opens.

use rekey_tests::{NewUser, Options, not_in_parts, start};
use serde_json::json;

#[tokio::test]
async fn looking_at_the_reset_page_changes_nothing_and_leaves_no_trace() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    admin.wait_until_sent(&user).await;
    let mail = rekey.mail_to(user.address()).await;
    let before = admin.snapshot(&user).await;
    for path in ["/t/default/reset", "/reset"] {
        for _ in 0..20 {
            let page = rekey.anyone().get(path).await.expect(200);
            assert!(page.header("content-type").starts_with("text/html"));
            assert_eq!(page.header("referrer-policy"), "no-referrer");
            assert!(page.header("cache-control").contains("no-store"));
            let policy = page.header("content-security-policy");
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{policy}");
            assert!(!page.header("strict-transport-security").is_empty());
        }
    }
    assert_eq!(admin.snapshot(&user).await, before);
    rekey.anyone().validate(&mail.token()).await.expect(200);
}

#[tokio::test]
async fn a_mail_says_its_link_and_its_code_alone_on_a_line() {
    let rekey = start(Options::default().config("[output_adapter.email]\nfrom_address = \"accounts@rekey.example\"\n")).await;
    let admin = rekey.admin();
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    admin.wait_until_sent(&user).await;
    let mail = rekey.mail_to(user.address()).await;
    let lines: Vec<_> = mail.text.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.contains(&mail.token())).count(), 1, "{}", mail.text);
    assert_eq!(lines.iter().filter(|line| line.contains(&mail.code())).count(), 1, "{}", mail.text);
    assert_eq!(mail.to, ["carol@example.com"]);
    assert_eq!(mail.from, "accounts@rekey.example");
    assert!(!mail.message_id.is_empty() && !mail.subject.is_empty());
    assert!(mail.html.contains(&mail.link()) && mail.html.contains(&mail.code()), "{}", mail.html);
    assert!(!mail.subject.contains(&mail.code()), "the code is in the subject");
    assert_eq!(rekey.mails_to(user.address()).len(), 1);
}

#[tokio::test]
async fn a_name_cannot_forge_a_mail() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let evil = "C\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script>\r\nhttps://evil.example/reset#a.b\r\n{{confirmation-code}}";
    let user = admin.create(NewUser::named("carol").with("displayName", json!(evil)).with("nickName", json!(evil))).await;
    admin.patch_user(&user, json!([{ "op": "replace", "path": "name", "value": { "givenName": evil, "familyName": evil } }])).await.expect_any(&[200, 400]);
    admin.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    assert_eq!(mail.to, ["carol@example.com"]);
    assert!(mail.link().starts_with(&rekey.base()), "{}", mail.text);
    assert!(!mail.html.contains("<script>") && !mail.text.contains("Bcc: evil@example.org\n"), "{}\n{}", mail.text, mail.html);
    let raw = rekey.raw(&mail);
    let headers = raw.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
    assert!(!headers.contains("bcc:") && !headers.contains("evil"), "{headers}");
}

#[tokio::test]
async fn the_development_mailbox_shows_the_mail() {
    if not_in_parts("the development mailbox") {
        return;
    }
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    rekey.mail_to(user.address()).await;
    let page = rekey.anyone().get("/dev/mailbox").await.expect(200);
    assert!(page.text().contains("carol@example.com"), "{}", page.text());
}

#[tokio::test]
async fn a_link_carries_the_configured_base_whatever_the_client_claims() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let request = admin.request(reqwest::Method::PATCH, &user.path()).header("content-type", "application/json").header("x-forwarded-host", "evil.example");
    let answer = rekey_tests::Answer::of(request.body(rekey_tests::users::guide_body().to_string())).await.expect("an answer").expect(200);
    assert!(!answer.text().contains("evil.example") && !answer.header("location").contains("evil.example"));
    let mail = rekey.mail_to(user.address()).await;
    assert!(mail.link().starts_with(&rekey.base()) && !mail.text.contains("evil"), "{}", mail.text);
}
