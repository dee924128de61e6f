//! Stand-ins for the platforms that speak their wire protocols on loopback, with faults on demand.
//!
//! An independent reading of the platforms' documents: no request or response type is shared with
//! the connectors, so that a mistake cannot cancel itself out.

pub mod acme;
pub mod clock;
mod consent;
pub mod control;
pub mod control_client;
pub mod entra;
pub mod faults;
pub mod graph;
pub mod record;
pub mod server;
pub mod slack;
pub mod stand_in;
pub mod webex;
pub mod wire;
pub mod zoom;

pub use control_client::ControlClient;
pub use server::{Options, Running, Sandbox};
