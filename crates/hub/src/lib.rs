//! Every use case an administrator has, as one typed API with error codes; the only thing that the
//! desktop and the command line call.
//!
//! [`open`] opens a data folder. Whoever gets its lock serves the use cases to everyone else on a
//! local socket; the others attach to that socket and get the same [`Client`].

mod address;
pub mod api;
mod backup_error;
mod cases;
mod checks;
mod client;
mod error;
mod hub;
mod installs;
mod jobs;
mod open;
mod restore;
pub mod sheet;
mod sign_ins;
mod socket;

pub use client::Client;
pub use hub::Hub;
pub use open::{KeyChoice, Options, Purpose, default_home, open, open_by};
pub use restore::{Restore, restore};
