//! Changes that are carried out whoever waits for them.

use rekey_kernel::Failure;
use std::future::Future;
use tracing::Instrument;

/// Runs a change to its end even when its client hangs up in the middle of it.
///
/// # Errors
/// The change's own; `Internal` when it died.
pub async fn to_the_end<T: Send + 'static>(change: impl Future<Output = Result<T, Failure>> + Send + 'static) -> Result<T, Failure> {
    tokio::spawn(change.in_current_span()).await.unwrap_or_else(|error| Err(Failure::internal("the change died on the way").because(error)))
}
