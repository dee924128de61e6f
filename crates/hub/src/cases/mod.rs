//! The use cases, one function each.

mod activity;
mod address;
mod backup;
mod capabilities;
mod certificate;
mod connect;
mod consent;
mod device_poll;
mod disconnect;
mod gaps;
mod hearing;
pub(crate) mod install;
mod jobs;
mod look;
mod needs;
mod notices;
mod pairing;
mod pausing;
mod people;
mod plan;
mod policy;
mod preflight;
mod refusal;
mod service_app;
mod service_sign_in;
mod sign_in_refusal;
mod standing;
mod stats;
mod status;
mod suggestions;
mod timeline;
mod trial;
mod tune;
mod unpair;
mod who;

pub(crate) use activity::{
    delivery, list_activity, resolve_delivery, retry_delivery, skip_delivery,
};
pub(crate) use address::{address, check_address, set_address};
pub(crate) use backup::{backup, restore_status};
pub(crate) use capabilities::capabilities;
pub(crate) use certificate::{make_certificate, slack_manifest};
pub(crate) use connect::{connect_slack, connect_teams, connect_webex, connect_zoom};
pub(crate) use consent::{ask_again, revoke_consent, sign_in_guest};
pub(crate) use disconnect::{disconnect, preview_disconnect};
pub(crate) use gaps::list_gaps;
pub(crate) use install::begin_slack_install;
pub(crate) use jobs::{
    get_job, list_jobs, preview_bulk, preview_unpairing, start_export, start_import, start_pairing,
    start_unpairing, stop_job,
};
pub(crate) use needs::needs;
pub(crate) use notices::{dismiss_notice, list_notices};
pub(crate) use pairing::{change_mode, pair_people, pair_person, preview_pairing};
pub(crate) use pausing::set_paused;
pub(crate) use people::{count_people, import_people, list_people, person};
pub(crate) use policy::{policy, set_policy};
pub(crate) use preflight::{canary, check, get_preflight, is_due, run_preflight};
pub(crate) use service_app::ServiceApp;
pub(crate) use service_sign_in::{
    begin_service_sign_in, cancel_service_sign_in, finish_service_sign_in, get_service_sign_in,
};
pub(crate) use stats::stats;
pub(crate) use status::{list_connections, status, wait_for_change};
pub(crate) use suggestions::{decide_suggestion, list_suggestions};
pub(crate) use tune::tune_connection;
pub(crate) use unpair::unpair_person;
