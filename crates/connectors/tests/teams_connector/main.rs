//! The Teams connector against answers as Graph and Entra give them.

mod calls;
mod guests;
mod notifications;
mod poll;
mod sign_in;
mod support;
mod tokens;
