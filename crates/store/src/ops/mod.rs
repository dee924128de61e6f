//! The named operations, by subject.

mod connections;
mod consent;
mod content;
mod conversations;
mod deliveries;
mod directory;
mod gaps;
mod identity;
mod inbox;
pub(crate) mod lanes;
pub(crate) mod ledger;
mod limits;
mod links;
mod messages;
mod meta;
mod notices;
mod pairings;
mod people;
mod retention;
pub(crate) mod suggestions;
mod tokens;
