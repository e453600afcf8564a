//! Servers that fail, step by step.

use std::time::Duration;

use super::{SmtpMailer, session::Deadlines};
use crate::{
    ports::{Mailer, SendError},
    testing::{
        mail,
        smtp_server::{Act, SmtpServer},
    },
};

const SHORT: Deadlines = Deadlines { open: Duration::from_millis(100), command: Duration::from_millis(100), content: Duration::from_millis(100) };

async fn server() -> (SmtpServer, SmtpMailer) {
    let server = SmtpServer::start().await;
    let mailer = SmtpMailer::new("127.0.0.1", server.port, SHORT);
    (server, mailer)
}

/// What comes of it when the server does this at that point; the next mail must go through all the same.
async fn outcome(at: &'static str, act: Act) -> SendError {
    let (server, mailer) = server().await;
    server.next(at, act);
    let error = mailer.send(&mail()).await.unwrap_err();
    mailer.send(&mail()).await.unwrap();
    assert_eq!(server.mails().len(), 1);
    error
}

#[tokio::test]
async fn what_is_said_about_this_mail_is_about_this_mail() {
    for at in ["RCPT", "DATA", "DOT"] {
        assert!(matches!(outcome(at, Act::Say("550 no such user")).await, SendError::Rejected(_)), "{at}");
        assert!(matches!(outcome(at, Act::Say("451 later")).await, SendError::Deferred(_)), "{at}");
    }
}

#[tokio::test]
async fn anything_else_is_about_the_server() {
    for at in ["GREETING", "EHLO", "MAIL"] {
        for reply in ["554 go away", "451 later", "535 who are you"] {
            assert!(matches!(outcome(at, Act::Say(reply)).await, SendError::Server(_)), "{at} {reply}");
        }
    }
    for at in ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"] {
        for act in [Act::Say("421 closing"), Act::Say("530 authenticate first"), Act::Say("rubbish"), Act::Nothing, Act::Close] {
            let error = outcome(at, act.clone()).await;
            assert!(matches!(error, SendError::Server(_)), "{at} {act:?}: {error}");
        }
    }
}

#[tokio::test]
async fn only_a_250_after_the_dot_is_an_acceptance() {
    for reply in ["220 hello", "354 go on", "252 perhaps"] {
        assert!(matches!(outcome("DOT", Act::Say(reply)).await, SendError::Server(_)), "{reply}");
    }
    assert!(matches!(outcome("DATA", Act::Say("250 Ok")).await, SendError::Server(_)));
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_never_taken_for_the_next_mails() {
    let (server, mailer) = server().await;
    mailer.send(&mail()).await.unwrap();
    server.next("DOT", Act::Nothing);
    assert!(mailer.send(&mail()).await.is_err());
    server.next("DOT", Act::Say("451 later"));
    assert!(matches!(mailer.send(&mail()).await.unwrap_err(), SendError::Deferred(_)));
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_serves_many_mails() {
    let (server, mailer) = server().await;
    for _ in 0..5 {
        mailer.send(&mail()).await.unwrap();
    }
    assert_eq!((server.connections(), server.mails().len()), (1, 5));
}

#[tokio::test]
async fn a_connection_closed_while_idle_says_nothing_about_the_server() {
    for act in [Act::Close, Act::Say("421 idle for too long")] {
        let (server, mailer) = server().await;
        mailer.send(&mail()).await.unwrap();
        server.next("MAIL", act);
        mailer.send(&mail()).await.unwrap();
        assert_eq!((server.connections(), server.mails().len()), (2, 2));
    }
}

#[tokio::test]
async fn a_cancelled_mail_takes_its_connection_with_it() {
    let (server, mailer) = server().await;
    mailer.send(&mail()).await.unwrap();
    let begun = mail();
    tokio::select! {
        biased;
        _sent = mailer.send(&begun) => {}
        () = std::future::ready(()) => {}
    }
    mailer.send(&mail()).await.unwrap();
    assert_eq!((server.connections(), server.mails().len()), (2, 2));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_the_servers_fault() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let failed = SmtpMailer::new("127.0.0.1", port, SHORT).send(&mail()).await.unwrap_err();
    assert!(matches!(failed, SendError::Server(_)));
}

#[tokio::test]
async fn domains_beyond_ascii_go_in_the_form_that_every_server_takes() {
    let (server, mailer) = server().await;
    let sent = crate::domain::mail::Mail { to: "alice@exämple.org".parse().unwrap(), ..mail() };
    mailer.send(&sent).await.unwrap();
    assert!(String::from_utf8(server.mails().remove(0)).unwrap().contains("alice@xn--exmple-cua.org"));
    let local = crate::domain::mail::Mail { to: "älice@example.org".parse().unwrap(), ..mail() };
    assert!(matches!(mailer.send(&local).await.unwrap_err(), SendError::Rejected(_)));
}
