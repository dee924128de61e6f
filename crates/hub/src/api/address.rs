//! Where the hub is reached from outside.

use causeway_model::Platform;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct GetAddress {}

/// Settles where the hub listens and how it is reached, from its next start on, where the command
/// line does not say otherwise. What is absent is forgotten.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct SetAddress {
    /// Where the hub serves notifications and its consent page, as `127.0.0.1:8420`.
    pub listen: Option<String>,
    /// The URL under which that is reached from outside; only where it listens.
    pub public_url: Option<String>,
}

/// Calls the public address and sees whether the hub answers.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct CheckAddress {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AddressView {
    /// As it is stored for the next start.
    pub listen: Option<String>,
    pub public_url: Option<String>,
    /// As this relay uses it now; none where it does not listen.
    pub in_use: Option<AddressInUse>,
    /// Whether what is stored differs from what is in use, and waits for the next start.
    pub waits_for_start: bool,
    /// Why what is stored could not be used at this start, in words.
    pub problem: Option<String>,
    /// What an administrator has to paste into platforms' consoles.
    #[serde(default)]
    pub request_urls: Vec<RequestUrl>,
}

/// An address of the hub that a platform has to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestUrl {
    pub platform: Platform,
    /// The page of the platform's console that asks for it.
    pub page: String,
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AddressInUse {
    pub listen: String,
    pub public_url: Option<String>,
    pub from: AddressFrom,
}

/// Who said where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddressFrom {
    CommandLine,
    Settings,
}

/// What calling the public address gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AddressCheck {
    pub reached: bool,
    /// What was found, and the one thing to do where it was not reached.
    pub words: String,
}
