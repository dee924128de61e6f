//! Zoom's OAuth: who may have which token, for how long.
//!
//! Source: <https://developers.zoom.us/docs/integrations/oauth/>

mod authorize;
mod endpoints;
mod grants;
mod refusal;
pub mod scopes;
pub mod tokens;

pub use self::endpoints::router;
