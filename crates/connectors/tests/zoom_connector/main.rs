//! The Zoom connector against answers as Zoom gives them.

mod calls;
mod guests;
mod people;
mod preflight;
mod reading;
mod sign_in;
mod socket;
mod support;
mod tokens;
mod webhooks;
