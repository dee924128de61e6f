//! The [`Connector`] and [`TokenVault`] contracts, what all platforms share (HTTP, OAuth, the
//! listener), and one folder a platform. No connector knows another.

#[cfg(test)]
mod any_content;
mod backoff;
pub mod connector;
pub mod consent_page;
mod divide;
#[doc(hidden)]
pub mod fuzzing;
mod html;
pub mod http;
pub mod install_page;
mod lead;
pub mod listener;
mod preflight;
mod question;
pub mod self_call;
mod signed;
pub mod slack;
pub mod teams;
pub mod vault;
pub mod webex;
pub mod zoom;

pub use connector::{
    AuthorizeLink, Connector, DeviceCode, DevicePoll, DirectoryPage, Edit, EventSink, Guest,
    GuestFailure, Guests, Hearing, Identity, NotTaken, OwnAccount, Post, Posted, SaidBy, ShownAs,
    SignIn, SignInFailure, SignedIn, Unreadable,
};
pub use vault::{Secret, TokenOwner, TokenSet, TokenVault, VaultError};
