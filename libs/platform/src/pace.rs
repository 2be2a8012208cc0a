//! How slowly a body may come: who sends a byte a minute holds a connection, and no handler.
//!
//! `client_request_timeout` of the server is about the head alone.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

/// Time that every body has.
const GRACE: Duration = Duration::from_secs(30);
/// Bytes that must come in each second beyond that.
const SLOWEST: u64 = 64 * 1024;

/// A body that breaks off when it comes too slowly.
struct Paced<S> {
    body: Pin<Box<S>>,
    start: Instant,
    received: u64,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Paced<S> {
    fn new(body: S) -> Self {
        let start = Instant::now();
        Self {
            body: Box::pin(body),
            start,
            received: 0,
            deadline: Box::pin(sleep_until(start + GRACE)),
        }
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>>> Stream for Paced<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.body.as_mut().poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &piece {
            self.received += bytes.len() as u64;
            let earned = Duration::from_secs(self.received / SLOWEST);
            let deadline = self.start + GRACE + earned;
            self.deadline.as_mut().reset(deadline);
        }
        if piece.is_pending() && self.deadline.as_mut().poll(context).is_ready() {
            let slow = io::Error::from(io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(PayloadError::Io(slow))));
        }
        piece
    }
}

/// Breaks off bodies that come too slowly.
pub(crate) async fn hold<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if !request.method().is_safe() {
        let body = Paced::new(request.take_payload());
        request.set_payload(Payload::Stream {
            payload: Box::pin(body),
        });
    }
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};

    use super::*;

    /// So many pieces of so many bytes, each after a pause.
    fn slow(
        pieces: usize,
        bytes: usize,
        pause: Duration,
    ) -> Paced<impl Stream<Item = Result<Bytes, PayloadError>>> {
        let pieces = stream::iter(0..pieces).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok(Bytes::from(vec![b'x'; bytes]))
        });
        Paced::new(pieces)
    }

    async fn is_whole(mut body: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin) -> bool {
        while let Some(piece) = body.next().await {
            if piece.is_err() {
                return false;
            }
        }
        true
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_broken_off() {
        let start = Instant::now();
        assert!(!is_whole(slow(1_000, 1, Duration::from_secs(1))).await);
        assert!(start.elapsed() < GRACE + Duration::from_secs(2));
        assert!(
            is_whole(slow(20, 1, Duration::from_secs(1))).await,
            "a short one has its time"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_over_a_slow_line_comes_whole() {
        let bytes = usize::try_from(SLOWEST).unwrap();
        assert!(is_whole(slow(600, bytes, Duration::from_secs(1))).await);
    }
}
