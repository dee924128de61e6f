//! Pausing and resuming what is sent.

use causeway_model::Platform;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Stops sending, or sends again. While paused everything is still heard and kept, in its order;
/// what is being sent at that moment ends.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct SetPaused {
    /// Only what is sent to this platform; the whole relay where absent.
    #[serde(default)]
    pub platform: Option<Platform>,
    pub paused: bool,
}
