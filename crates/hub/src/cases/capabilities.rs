//! What each platform can do, from the table that the relay decides by.

use causeway_model::{Capabilities, capability};

use crate::api::{CapabilityView, LegAbility};

pub(crate) fn capabilities() -> Vec<CapabilityView> {
    capability::ALL.into_iter().map(view).collect()
}

fn view(of: &Capabilities) -> CapabilityView {
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
        guests: of.guests,
        marker: of.marker,
        buttons: of.buttons,
        limits: of.budgets.to_vec(),
    }
}
