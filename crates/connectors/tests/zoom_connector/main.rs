//! The Zoom connector against answers as Zoom gives them.

mod calls;
#[path = "../engine_side/mod.rs"]
mod engine_side;
mod guests;
mod people;
mod preflight;
mod reading;
mod sign_in;
mod socket;
mod support;
mod tokens;
mod webhooks;
