//! Drives the relay: takes events in, commits, asks `relay` what to do, sends through
//! `connectors`, and records.
//!
//! # The way of a message
//!
//! A connector's source hands events to its [`sink`]. What belongs to no pairing and no link is
//! forgotten there. The rest goes through [`ingest`] in one transaction: the event's key, the
//! message, its deliveries, and, where a lane is free, the intent to send. Only after that commit
//! does the source acknowledge. [`lane`] then sends, and commits the outcome together with the
//! next intent of the same lane: two commits a message, one when lanes are busy.
//!
//! Being in state `Sending` is what owns a lane: whoever moved its head there, in a transaction,
//! sends it, and nobody else may. After a crash such a delivery has an unknown outcome, which
//! [`unknown`] settles by the marker, the echo, or by reading the conversation back.

mod call;
mod catch_up;
mod connections;
mod consent_desk;
mod desk;
mod earlier_life;
mod engine;
mod guests;
mod housekeeping;
mod ingest;
mod lane;
mod members;
mod outcome;
mod pausing;
mod pkce;
mod policy;
mod prepare;
mod recover;
mod removal;
mod secrets;
mod sign_in;
mod sink;
mod sources;
mod system;
mod unknown;
mod vault;

pub use connections::{BuildConnector, Platforms, Wiring, mount_name};
pub use desk::{ConsentTerms, Desk, GuestSignIn, World};
pub use engine::{Engine, EngineError, Parts};
pub use lane::Turn;
pub use pausing::Pausing;
pub use pkce::{challenge_of, secret_word};
pub use policy::Policy;
pub use secrets::{
    CHATBOT_SECRET, CLIENT_CERTIFICATE, CLIENT_SECRET, GUEST_ISSUER_SECRET, SIGNING_SECRET,
    Secrets, USER_APP_SECRET,
};
pub use sign_in::SignInOffer;
pub use system::{SystemClock, SystemRandom};
pub use vault::{StoreVault, owner_word, token_row};
