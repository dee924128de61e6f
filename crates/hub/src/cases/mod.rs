//! The use cases, one function each.

mod activity;
mod connect;
mod pairing;
mod people;
mod status;

pub(crate) use activity::{list_activity, retry_delivery, skip_delivery};
pub(crate) use connect::{connect_slack, connect_teams};
pub(crate) use pairing::{pair_person, unpair_person};
pub(crate) use people::{import_people, list_people};
pub(crate) use status::{list_connections, status, wait_for_change};
