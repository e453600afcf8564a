//! What every handler has at hand.

use rekey_kernel::Random;
use std::{ops::Deref, sync::Arc};

use crate::{
    Config,
    clients::Clients,
    edge::{Directory, Together},
};

/// The gateway: cheap to clone.
#[derive(Clone)]
pub(crate) struct Gateway(Arc<Parts>);

/// What it consists of.
pub(crate) struct Parts {
    pub(crate) clients: Clients,
    pub(crate) tenants: Directory,
    pub(crate) together: Together,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) config: Config,
}

impl From<Parts> for Gateway {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Gateway {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
