//! What each platform can do, from the table that the relay decides by: that of the connection where
//! there is one, else the most that the platform can do.

use causeway_model::{Capabilities, Platform, capability};
use causeway_store::ConnectionRow;

use super::plan::guest_note;
use crate::{
    Hub,
    api::{CapabilityView, HubError, LegAbility},
};

pub(crate) async fn capabilities(hub: &Hub) -> Result<Vec<CapabilityView>, HubError> {
    let rows = hub.read(|reader| reader.connections()).await?;
    let views = Platform::ALL.map(|platform| {
        connected(hub, &rows, platform).unwrap_or_else(|| {
            let most = capability::of(platform);
            view(most, most.guests)
        })
    });
    Ok(views.to_vec())
}

fn connected(hub: &Hub, rows: &[ConnectionRow], platform: Platform) -> Option<CapabilityView> {
    let mut rows = rows.iter();
    let row = rows.find(|row| row.connection.platform == platform)?;
    let connector = hub.engine.connector(row.connection.id)?;
    // Some need an app of their own to make guests, which was not given.
    Some(view(connector.capabilities(), connector.guests().is_some()))
}

fn view(of: &Capabilities, guests: bool) -> CapabilityView {
    CapabilityView {
        platform: of.platform,
        carried: of.carried.to_vec(),
        legs: of
            .legs
            .iter()
            .map(|leg| LegAbility {
                kind: leg.kind,
                needs: leg.needs,
            })
            .collect(),
        app_name: of.app_name,
        speaks_by: of.speaks_by,
        guests,
        guest_note: guest_note(of.platform).map(str::to_owned),
        marker: of.marker,
        buttons: of.buttons,
        limits: of.budgets.to_vec(),
    }
}
