//! The Zoom stand-in: one account with the hub's apps.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>

mod account;
mod channel_calls;
mod contact_calls;
mod conversation;
mod delivery;
mod directory;
mod draft;
mod endpoints;
mod error;
mod fields;
mod happenings;
mod ids;
mod keys;
mod limits;
mod member_calls;
mod message;
mod message_calls;
mod moment;
mod oauth;
mod pages;
mod person;
mod place;
mod report_calls;
mod robot_calls;
mod server;
mod shapes;
mod state;
mod switches;
mod text;
mod thread_calls;
mod user_calls;
mod view;

pub use self::{
    account::ZoomAccount,
    delivery::Webhooks,
    server::router,
    switches::{Plan, SwitchChanges, Switches},
};
