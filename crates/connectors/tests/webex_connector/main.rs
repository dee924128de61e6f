//! The Webex connector against answers as Webex gives them.

mod calls;
#[path = "../engine_side/mod.rs"]
mod engine_side;
mod guests;
mod history;
mod opening;
mod poll;
mod preflight;
mod sign_in;
mod support;
mod tokens;
mod webhooks;
