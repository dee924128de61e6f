//! A stand-in for Microsoft Graph v1.0: directory, Teams chats and change notifications of one
//! tenant.
//!
//! Source: <https://learn.microsoft.com/graph/api/overview>

mod account_calls;
mod batch;
mod chat_calls;
pub mod chats;
mod deeds;
pub mod directory;
mod draft;
mod endpoints;
mod error;
mod html;
mod limits;
mod message_calls;
pub mod mint;
mod person;
pub(crate) mod photo;
mod policy_calls;
mod query;
mod sealed;
mod server;
mod shapes;
mod subscriptions;
mod table;
mod tenant;
mod user_calls;

pub use self::{
    directory::DOMAIN,
    error::GraphError,
    server::router,
    tenant::{Tenant, Urls},
};
