//! The Teams connector against answers as Graph and Entra give them.

mod calls;
mod notifications;
mod poll;
mod support;
mod tokens;
