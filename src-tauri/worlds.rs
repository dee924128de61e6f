//! The two hubs that the window may show: the organisation's own, and the sandbox's. Nothing of one is
//! ever an answer from the other.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::access::HubAccess;

/// Which hub is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum World {
    Own,
    Sandbox,
}

/// The way to each.
pub struct Worlds {
    pub own: Arc<HubAccess>,
    pub sandbox: Arc<HubAccess>,
}

impl Worlds {
    pub fn access(&self, world: World) -> &HubAccess {
        match world {
            World::Own => &self.own,
            World::Sandbox => &self.sandbox,
        }
    }
}
