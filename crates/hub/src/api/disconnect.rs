//! Taking a connection away.

use causeway_model::Platform;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Says what disconnecting would do, and does nothing.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct PreviewDisconnect {
    pub platform: Platform,
}

/// Ends a connection: its credentials and people's tokens are forgotten, its pairings end, what
/// waits because of them is not sent any more. The ledger stays.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct Disconnect {
    pub platform: Platform,
}

/// What ends with a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DisconnectEffect {
    pub platform: Platform,
    /// The platform's own name of the workspace or tenant.
    pub name: String,
    #[ts(type = "number")]
    pub pairings: u64,
    /// The people of those pairings.
    #[ts(type = "number")]
    pub people: u64,
    /// Deliveries that have not been sent, and will not be.
    #[ts(type = "number")]
    pub unsent: u64,
    /// Guest accounts that the hub has made, which stay there.
    #[ts(type = "number")]
    pub guests: u64,
    /// People whose tokens are forgotten.
    #[ts(type = "number")]
    pub authorised: u64,
    /// The same in sentences.
    pub words: Vec<String>,
}
