//! The whole system: sandbox and relay as processes of their own, judged by what people see.
//!
//! Every test has a sandbox with Acme, Inc. and a data folder to itself. People act through the
//! sandbox's control API; the outcome is what their own apps show them.

mod administration;
mod bench;
mod changes;
mod consent;
mod crashes;
mod demo;
mod echoes;
mod faults;
mod finding;
mod formatting;
mod hostile;
mod isolation;
mod opening;
mod pausing;
mod people;
mod preflight;
mod quiet;
mod requests;
mod restoring;
mod signing_in;
mod sockets;
mod starting;
mod story;
mod strangers;
mod support;
mod tally;
mod tools;
