//! One connection to a mail server: lettre speaks, we watch the clock and read the answers by their phase.

use lettre::{
    Address,
    transport::smtp::{
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
        response::Response,
    },
};
use std::{fmt::Display, future::Future, time::Duration};
use tokio::{net::TcpStream, time::timeout};

use crate::ports::SendError;

/// How long a server may take.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// To accept a connection, greet, and answer EHLO, together.
    pub open: Duration,
    /// To answer a command.
    pub command: Duration,
    /// To answer the final dot: it stores the mail then, and a mail given up here may come twice.
    pub content: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { open: Duration::from_secs(8), command: Duration::from_secs(8), content: Duration::from_secs(40) }
    }
}

/// Where in a session something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before a mail was begun.
    Open,
    /// At MAIL FROM.
    Sender,
    /// At RCPT TO.
    Recipient,
    /// At DATA.
    Data,
    /// After the final dot.
    Content,
}

/// What went wrong. The session is over: nobody knows what the server will say next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where.
    pub phase: Phase,
    /// The reply's code; `None` when there was no reply.
    pub code: Option<u16>,
    /// For the record.
    pub text: String,
}

/// Codes that speak of our configuration or of the whole server, wherever they come: not available, bad sequence, authentication.
const OF_THE_SERVER: [u16; 5] = [421, 503, 530, 535, 538];

impl Trouble {
    /// Whom it concerns. Only what is said about this recipient or this content is about this mail.
    pub fn classify(self) -> SendError {
        let of_this_mail = matches!(self.phase, Phase::Recipient | Phase::Data | Phase::Content);
        match self.code {
            Some(code) if of_this_mail && !OF_THE_SERVER.contains(&code) && (500..600).contains(&code) => SendError::Rejected(self.text),
            Some(code) if of_this_mail && !OF_THE_SERVER.contains(&code) && (400..500).contains(&code) => SendError::Deferred(self.text),
            _ => SendError::Server(self.text),
        }
    }
}

/// A connection that has greeted. It serves one mail at a time, and none after a [`Trouble`].
pub struct Session {
    connection: AsyncSmtpConnection,
    deadlines: Deadlines,
}

impl Session {
    /// Connects and greets.
    ///
    /// # Errors
    /// [`Trouble`] of [`Phase::Open`].
    pub async fn open(host: &str, port: u16, hello: &ClientId, deadlines: Deadlines) -> Result<Self, Trouble> {
        let opening = async {
            let stream = TcpStream::connect((host, port)).await.map_err(|error| trouble(Phase::Open, &error.to_string()))?;
            stream.set_nodelay(true).map_err(|error| trouble(Phase::Open, &error.to_string()))?;
            let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(stream), hello).await;
            greeted.map_err(|error| refusal(Phase::Open, &error))
        };
        let opened = timeout(deadlines.open, opening).await;
        Ok(Self { connection: opened.unwrap_or_else(|_| Err(silence(Phase::Open)))?, deadlines })
    }

    /// Hands one mail over. The text of the server's 250 comes back.
    ///
    /// # Errors
    /// [`Trouble`]; drop the session then.
    pub async fn hand_over(&mut self, from: &Address, to: &Address, message: &[u8]) -> Result<String, Trouble> {
        let parameters = self.parameters(to)?;
        self.command(Phase::Sender, Mail::new(Some(from.clone()), parameters)).await?;
        self.command(Phase::Recipient, Rcpt::new(to.clone(), Vec::new())).await?;
        let go_on = self.command(Phase::Data, Data).await?;
        if !go_on.has_code(354) {
            return Err(unexpected(Phase::Data, &go_on));
        }
        let stored = within(self.deadlines.content, Phase::Content, self.connection.message(message)).await?;
        if stored.has_code(250) { Ok(shortened(&answer(&stored))) } else { Err(unexpected(Phase::Content, &stored)) }
    }

    /// Addresses beyond ASCII need a server that takes them.
    fn parameters(&self, to: &Address) -> Result<Vec<MailParameter>, Trouble> {
        if to.user().is_ascii() {
            return Ok(Vec::new());
        }
        if self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Ok(vec![MailParameter::SmtpUtfEight]);
        }
        let text = "the mail server takes no addresses beyond ASCII (SMTPUTF8)".to_owned();
        Err(Trouble { phase: Phase::Recipient, code: Some(553), text })
    }

    async fn command(&mut self, phase: Phase, command: impl Display) -> Result<Response, Trouble> {
        within(self.deadlines.command, phase, self.connection.command(command)).await
    }
}

async fn within(deadline: Duration, phase: Phase, reply: impl Future<Output = Result<Response, lettre::transport::smtp::Error>>) -> Result<Response, Trouble> {
    timeout(deadline, reply).await.map_or_else(|_| Err(silence(phase)), |reply| reply.map_err(|error| refusal(phase, &error)))
}

fn trouble(phase: Phase, text: &str) -> Trouble {
    Trouble { phase, code: None, text: shortened(text) }
}

fn silence(phase: Phase) -> Trouble {
    trouble(phase, "the mail server did not answer in time")
}

fn refusal(phase: Phase, error: &lettre::transport::smtp::Error) -> Trouble {
    Trouble { code: error.status().map(u16::from), ..trouble(phase, &error.to_string()) }
}

fn unexpected(phase: Phase, response: &Response) -> Trouble {
    trouble(phase, &format!("the mail server gave an answer that makes no sense here: {}", answer(response)))
}

fn answer(response: &Response) -> String {
    format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" "))
}

fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
