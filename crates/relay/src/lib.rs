//! Pure decisions: which conversation carries a pair's messages, what an event leads to, what a
//! failure means, and which events are only echoes of the hub's own posts.
//!
//! Nothing here does I/O or knows the time of day: everything is an argument. What has to remember
//! something (a purse, a loop breaker) is a value that whoever uses it keeps.

pub mod ask;
pub mod budget;
pub mod consent;
pub mod doubt;
pub mod echo;
pub mod eyes;
pub mod legs;
pub mod loops;
pub mod parts;
pub mod retry;
pub mod route;
pub mod voice;
pub mod words;
