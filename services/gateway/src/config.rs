//! What the gateway is told.

use std::path::PathBuf;

/// The gateway's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The whole public URL, without a slash at the end: `https://localhost:9443`. Every link is made from it, never from a
    /// request's Host header.
    pub base_path: String,
    /// The folder of the development mailbox; absent where mail goes to a server. Only when it is there is `/dev/mailbox` too.
    pub mailbox: Option<PathBuf>,
}
