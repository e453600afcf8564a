//! Product and control over HTTPS, deployed alike. One pair runs at a time: no other has a part of the processor.

use anyhow::Result;
use rekey_tests::Deployment;
use std::path::Path;

use crate::{bare::Bare, ground::Ground, house::House, work::Users};

pub(crate) struct Pair {
    pub(crate) deployment: Deployment,
    pub(crate) house: House,
    pub(crate) bare: Bare,
}

impl Pair {
    pub(crate) fn start(deployment: Deployment, ground: &Ground, rekey: &Path, users: &Users) -> Result<Self> {
        let house = ground.start(rekey, deployment)?;
        let bare = match deployment {
            Deployment::OneProcess => Bare::in_one_process(ground, &house, users)?,
            Deployment::Parts { .. } => Bare::in_parts(ground, &house, users)?,
        };
        Ok(Self { deployment, house, bare })
    }
}
