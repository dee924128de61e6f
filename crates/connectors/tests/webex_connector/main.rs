//! The Webex connector against answers as Webex gives them.

mod bells;
mod calls;
#[path = "../engine_side/mod.rs"]
mod engine_side;
mod guests;
mod history;
mod mercury;
mod opening;
mod poll;
mod preflight;
mod sign_in;
mod sockets;
mod support;
mod tokens;
mod webhooks;
