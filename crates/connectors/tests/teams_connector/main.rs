//! The Teams connector against answers as Graph and Entra give them.

mod calls;
#[path = "../engine_side/mod.rs"]
mod engine_side;
mod guests;
mod notifications;
mod poll;
mod sign_in;
mod support;
mod tokens;
