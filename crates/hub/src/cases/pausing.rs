//! Pausing and resuming what is sent.

use causeway_engine::Pausing;

use super::{connect::connected, status::status};
use crate::{
    Hub,
    api::{HubError, SetPaused, StatusReport},
    error::from_engine,
};

pub(crate) async fn set_paused(hub: &Hub, args: SetPaused) -> Result<StatusReport, HubError> {
    let what = match args.platform {
        Some(platform) => Pausing::Connection(connected(hub, platform).await?.connection.id),
        None => Pausing::Relay,
    };
    let done = if args.paused {
        hub.engine.pause_sending(what).await
    } else {
        hub.engine.resume_sending(what).await
    };
    done.map_err(|error| from_engine(&error))?;
    status(hub).await
}
