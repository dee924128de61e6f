//! The Zoom connector against answers as Zoom gives them.

mod calls;
mod guests;
mod preflight;
mod reading;
mod socket;
mod support;
mod tokens;
mod webhooks;
