//! Pure decisions: which conversation carries a pair's messages, what an event leads to, what a
//! failure means, and which events are only echoes of the hub's own posts.
//!
//! Nothing here does I/O, knows the time of day, or keeps state: everything is an argument.

pub mod ask;
pub mod budget;
pub mod consent;
pub mod echo;
pub mod eyes;
pub mod legs;
pub mod parts;
pub mod retry;
pub mod route;
pub mod voice;
pub mod words;
