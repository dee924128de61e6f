//! Webex.
mod dialect;
mod ids;
mod refusal;
mod settings;
mod wire;
