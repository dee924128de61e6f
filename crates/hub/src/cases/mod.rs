//! The use cases, one function each.

mod activity;
mod connect;
mod consent;
mod gaps;
mod look;
mod notices;
mod pairing;
mod people;
mod plan;
mod policy;
mod refusal;
mod standing;
mod status;
mod suggestions;
mod trial;
mod tune;
mod unpair;
mod who;

pub(crate) use activity::{list_activity, retry_delivery, skip_delivery};
pub(crate) use connect::{connect_slack, connect_teams};
pub(crate) use consent::{ask_again, revoke_consent, sign_in_guest};
pub(crate) use gaps::list_gaps;
pub(crate) use notices::{dismiss_notice, list_notices};
pub(crate) use pairing::{pair_people, pair_person, preview_pairing};
pub(crate) use people::{import_people, list_people};
pub(crate) use policy::{policy, set_policy};
pub(crate) use status::{list_connections, status, wait_for_change};
pub(crate) use suggestions::list_suggestions;
pub(crate) use tune::tune_connection;
pub(crate) use unpair::unpair_person;
