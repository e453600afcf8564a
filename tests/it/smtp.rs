//! Mail through a real SMTP server.

use rekey_tests::{Options, fresh_password, smtp::SmtpServer, start};

fn through(server: &SmtpServer) -> Options {
    Options::default()
        .config(&format!("[output_adapter.email]\nfrom_address = \"accounts@rekey.example\"\nhostname = \"127.0.0.1\"\nport = {}\n", server.port()))
}

#[tokio::test]
async fn with_a_mail_server_configured_the_mail_goes_there() {
    let server = SmtpServer::start().await;
    let rekey = start(through(&server)).await;
    let admin = rekey.admin();
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let mail = server.mail_to(user.address(), rekey.secrets()).await;
    admin.wait_until_sent(&user).await;
    assert_eq!(mail.from, "accounts@rekey.example");
    assert!(mail.find_code().is_some(), "{}", mail.text);
    assert_eq!(server.mails(rekey.secrets()).len(), 1);
    assert!(rekey.mails().is_empty(), "the mail also went into the mailbox");
    rekey.anyone().get("/dev/mailbox").await.expect(404);
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn a_mail_server_that_was_down_gets_the_mail_when_it_is_back() {
    let mut server = SmtpServer::start().await;
    let mut rekey = start(through(&server)).await;
    let admin = rekey.admin();
    let (user, other) = (admin.create_user("carol").await, admin.create_user("dave").await);
    server.go_down();
    admin.trigger(&user).await.expect(200);
    rekey.anyone().refused("carol", &user.password).await;
    rekey.restart(&[]).await;
    admin.trigger(&other).await.expect(200);
    assert!(admin.reset(&user).await["sentAt"].is_null());
    server.come_back().await;
    for user in [&user, &other] {
        let mail = server.mail_to(user.address(), rekey.secrets()).await;
        admin.wait_until_sent(user).await;
        rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
    }
    assert_eq!(server.mails(rekey.secrets()).len(), 2);
}
