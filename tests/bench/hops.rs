//! The two calls that the bare server makes for a request, and what answers them: tonic without any generated code.

use anyhow::{Context, Result};
use axum::body::HttpBody;
use bytes::Bytes;
use std::{future::Future, pin::Pin};
use tonic::{Request, Status, body::Body};
use tonic_prost::ProstCodec;
use tower::util::BoxCloneSyncService;
use uuid::Uuid;

use crate::{
    database::Database,
    lookups::{self, Lookup},
};

/// What a server does without a database, and what it does with one.
pub(crate) const ASK: &str = "/bench.Echo/Ask";
pub(crate) const READ: &str = "/bench.Echo/Read";

/// To a server, wherever it is.
pub(crate) type Transport = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, tonic::transport::Error>;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Question {
    #[prost(string, tag = "1")]
    pub(crate) what: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Answer {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) json: Bytes,
}

/// The two calls, without and with a look into the database: each pair is made one after the other.
#[derive(Clone)]
pub(crate) struct Hops {
    pub(crate) echo: Hop,
    pub(crate) canned: Hop,
    pub(crate) account: Hop,
    pub(crate) user: Hop,
}

/// One method of a server.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) to: Transport,
    pub(crate) method: &'static str,
}

impl Hop {
    /// To a server in this process: without a socket.
    pub(crate) fn within(handler: Handler) -> Self {
        let server = tower::service_fn(move |request| {
            let handler = handler.clone();
            async move { Ok(handler.serve(request).await) }
        });
        Self { to: BoxCloneSyncService::new(server), method: ASK }
    }

    /// What a generated client does.
    pub(crate) async fn call(self, question: Question) -> Result<Answer, Status> {
        let mut client = tonic::client::Grpc::new(self.to);
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = http::uri::PathAndQuery::from_static(self.method);
        let answer = client.unary(Request::new(question), path, ProstCodec::<Question, Answer>::default()).await?;
        Ok(answer.into_inner())
    }
}

/// What answers a call.
#[derive(Clone)]
pub(crate) enum Handler {
    /// Says what it was told.
    Echo,
    /// Says this.
    Canned(Bytes),
    /// Says what stands in the row of this account.
    Account(Database, Uuid),
    /// Says what stands in the row of a user.
    User(Database),
}

impl Handler {
    /// The caller's own account.
    pub(crate) async fn account(url: &str) -> Result<Self> {
        let database = Database::open(url).await?;
        let admin = database.ids("SELECT id FROM accounts WHERE folded = 'admin'").await?;
        Ok(Self::Account(database, *admin.first().context("there is no administrator")?))
    }

    /// Any user.
    pub(crate) async fn user(url: &str) -> Result<Self> {
        Database::open(url).await.map(Self::User)
    }

    /// What a generated server does.
    pub(crate) async fn serve<B>(self, request: http::Request<B>) -> http::Response<Body>
    where
        B: HttpBody + Send + 'static,
        B::Error: Into<axum::BoxError> + Send,
    {
        tonic::server::Grpc::new(ProstCodec::<Answer, Question>::default()).unary(self, request).await
    }

    async fn answer(&self, question: Question) -> Result<Bytes, Status> {
        match self {
            Self::Echo => Ok(question.what.into()),
            Self::Canned(body) => Ok(body.clone()),
            Self::Account(database, id) => lookups::account(database, *id).await.map(Bytes::from).map_err(|error| failed(&error)),
            Self::User(database) if question.what == "id" => {
                let id = question.value.parse().map_err(|_| Status::invalid_argument("id?"))?;
                lookups::user(database, id).await.map(Bytes::from).map_err(|error| failed(&error))
            }
            Self::User(database) => {
                let lookup = Lookup::named(&question.what).ok_or_else(|| Status::invalid_argument("what?"))?;
                lookup.find(database, question.value).await.map(Bytes::from).map_err(|error| failed(&error))
            }
        }
    }
}

impl tonic::server::UnaryService<Question> for Handler {
    type Response = Answer;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Answer>, Status>> + Send>>;

    fn call(&mut self, request: Request<Question>) -> Self::Future {
        let (handler, question) = (self.clone(), request.into_inner());
        Box::pin(async move { handler.answer(question).await.map(|json| tonic::Response::new(Answer { json })) })
    }
}

fn failed(error: &anyhow::Error) -> Status {
    Status::internal(format!("{error:#}"))
}
