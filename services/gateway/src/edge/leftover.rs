//! What a handler leaves of a request's body: an answer (401, 404, 405, 413, 415) may be there before the body is. In HTTP/1.1 a
//! connection whose request was not read to its end is of no more use, and closing it may cost the client the answer. So the rest is
//! read for nothing, within reason.

use axum::{
    body::{Body, HttpBody},
    http::{Version, header::EXPECT, request::Parts},
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;

/// More is not read for nothing: several times the largest body that is read at all.
const MOST: usize = 4 * 1024 * 1024;
/// How long the client may take to send the rest.
const PATIENCE: Duration = Duration::from_secs(5);

/// A body that is read through a lender, so that what its reader leaves is not lost.
#[derive(Clone)]
pub(super) struct Leftover(Arc<Mutex<Body>>);

impl Leftover {
    /// The body for the handler, and a hold on what it will leave; none where nothing has to be read: there is no body, or the version
    /// of HTTP does without, or the client waits to be told before it sends the body.
    pub(super) fn of(parts: &Parts, body: Body) -> (Body, Option<Self>) {
        let is_needed = parts.version < Version::HTTP_2 && !body.is_end_stream() && !parts.headers.contains_key(EXPECT);
        if !is_needed {
            return (body, None);
        }
        let leftover = Self(Arc::new(Mutex::new(body)));
        (Body::new(leftover.clone()), Some(leftover))
    }

    /// Reads what is left. A client that sends too much or too slowly loses its connection, as it would have.
    pub(super) async fn read(mut self) {
        let reading = async {
            let mut left = MOST;
            while let Some(Ok(frame)) = self.frame().await {
                let Some(less) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
                left = less;
            }
        };
        if timeout(PATIENCE, reading).await.is_err() {
            tracing::debug!("a client did not send the body that it announced");
        }
    }

    fn body(&self) -> MutexGuard<'_, Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Leftover {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.body()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body().size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Request, request::Builder};

    fn is_held(request: Builder, body: &'static str) -> bool {
        let (parts, body) = request.body(Body::from(body)).unwrap().into_parts();
        Leftover::of(&parts, body).1.is_some()
    }

    #[test]
    fn only_a_body_that_is_on_its_way_is_held() {
        assert!(is_held(Request::builder(), "{}"));
        assert!(!is_held(Request::builder(), ""));
        assert!(!is_held(Request::builder().version(Version::HTTP_2), "{}"));
        assert!(!is_held(Request::builder().header(EXPECT, "100-continue"), "{}"));
    }

    #[tokio::test]
    async fn what_nobody_has_read_is_read_at_the_end() {
        let (parts, body) = Request::builder().body(Body::from("{}")).unwrap().into_parts();
        let (lent, leftover) = Leftover::of(&parts, body);
        let (leftover, witness) = (leftover.clone().unwrap(), leftover.unwrap());
        drop(lent);
        assert!(!witness.is_end_stream());
        leftover.read().await;
        assert!(witness.is_end_stream());
    }
}
