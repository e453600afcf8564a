//! A mail server on a port of its own that fails as it is told. It speaks real SMTP, command by command.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
};

/// What a server can be told to do in place of the usual answer.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Answer this.
    Say(&'static str),
    /// Never answer.
    Nothing,
    /// Close the connection.
    Close,
}

#[derive(Default)]
struct Shared {
    acts: Mutex<HashMap<&'static str, VecDeque<Act>>>,
    mails: Mutex<Vec<Vec<u8>>>,
    connections: Mutex<usize>,
}

/// The server. It ends with the test's runtime.
pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

impl SmtpServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *serving.connections.lock().unwrap() += 1;
                tokio::spawn(serve(stream, Arc::clone(&serving)));
            }
        });
        Self { port, shared }
    }

    /// The next time this comes (`GREETING`, `EHLO`, `MAIL`, `RCPT`, `DATA`, `DOT`), do that.
    pub(crate) fn next(&self, at: &'static str, act: Act) {
        self.shared.acts.lock().unwrap().entry(at).or_default().push_back(act);
    }

    /// The mails that were answered with 250, as they came, without the dots.
    pub(crate) fn mails(&self) -> Vec<Vec<u8>> {
        self.shared.mails.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }
}

impl Shared {
    fn act(&self, at: &str, usual: &'static str) -> Act {
        self.acts.lock().unwrap().get_mut(at).and_then(VecDeque::pop_front).unwrap_or(Act::Say(usual))
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) -> Option<()> {
    let mut stream = BufStream::new(stream);
    answer(&mut stream, shared.act("GREETING", "220 test")).await?;
    loop {
        let line = line(&mut stream).await?;
        let verb = String::from_utf8_lossy(&line).split(' ').next()?.trim().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => answer(&mut stream, shared.act("EHLO", "250 test")).await?,
            "MAIL" => answer(&mut stream, shared.act("MAIL", "250 Ok")).await?,
            "RCPT" => answer(&mut stream, shared.act("RCPT", "250 Ok")).await?,
            "DATA" => data(&mut stream, &shared).await?,
            "QUIT" => return answer(&mut stream, Act::Say("221 Bye")).await,
            _ => answer(&mut stream, Act::Say("500 What?")).await?,
        }
    }
}

async fn data(stream: &mut BufStream<TcpStream>, shared: &Shared) -> Option<()> {
    let go_on = shared.act("DATA", "354 Go on");
    let goes_on = matches!(go_on, Act::Say(text) if text.starts_with("354"));
    answer(stream, go_on).await?;
    if !goes_on {
        return Some(());
    }
    let mut mail = Vec::new();
    loop {
        let line = line(stream).await?;
        if line == b".\r\n" {
            break;
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
    let act = shared.act("DOT", "250 Stored");
    if matches!(act, Act::Say(text) if text.starts_with("250")) {
        shared.mails.lock().unwrap().push(mail);
    }
    answer(stream, act).await
}

async fn line(stream: &mut BufStream<TcpStream>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let read = stream.read_until(b'\n', &mut line).await.ok()?;
    (read > 0).then_some(line)
}

async fn answer(stream: &mut BufStream<TcpStream>, act: Act) -> Option<()> {
    match act {
        Act::Say(text) => {
            stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
            stream.flush().await.ok()
        }
        Act::Nothing => std::future::pending().await,
        Act::Close => None,
    }
}
