//! Breaking things on purpose: limits, outages, a killed hub, a tenant that lets no guests in.

use causeway_hub::api::HubError;
use causeway_model::Platform;
use causeway_sandbox::{
    ControlClient,
    control_client::{ControlError, TenantSwitches},
    faults::{Fault, FaultKind},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Playground, SandboxHub, SandboxReport,
    failure::{not_started, of_control},
};

/// For how long a throttled platform asks the hub to wait, in milliseconds of the sandbox's time.
const PAUSE_MS: u64 = 3_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Breakage {
    /// The platform refuses every call with a pause.
    Throttle {
        platform: Platform,
    },
    /// The platform cannot be reached, nor does it tell anything.
    Cut {
        platform: Platform,
    },
    /// Ends throttling and outages. The hub and the tenant stay as they are.
    Mend,
    KillHub,
    StartHub,
    Guests {
        allowed: bool,
    },
}

impl Playground {
    /// Breaks or mends something.
    ///
    /// # Errors
    /// When the sandbox does not run.
    pub async fn break_something(&self, breakage: Breakage) -> Result<SandboxReport, HubError> {
        let turn = self.turn.lock().await;
        let control = self.control()?;
        match breakage {
            Breakage::Throttle { platform } => {
                arm(&control, &[throttle(platform)]).await?;
                self.change(|inner| add(&mut inner.report.throttled, platform));
            }
            Breakage::Cut { platform } => {
                arm(&control, &outage(platform)).await?;
                self.change(|inner| add(&mut inner.report.cut, platform));
            }
            Breakage::Mend => {
                control.clear_faults().await.map_err(of_control)?;
                self.change(|inner| {
                    inner.report.throttled.clear();
                    inner.report.cut.clear();
                });
            }
            Breakage::KillHub => self.kill_hub().await?,
            Breakage::StartHub => self.restart_hub().await?,
            Breakage::Guests { allowed } => {
                let switches = TenantSwitches {
                    guest_invitations: Some(allowed),
                    ..TenantSwitches::default()
                };
                let set = control.set_tenant(&switches).await.map_err(of_control)?;
                self.change(|inner| inner.report.guests_allowed = set.guest_invitations);
            }
        }
        drop(turn);
        Ok(self.report().await)
    }

    async fn kill_hub(&self) -> Result<(), HubError> {
        if let Some(hub) = self.take_hub() {
            hub.kill().await.map_err(|error| not_started(&error))?;
        }
        self.change(|inner| inner.report.hub = SandboxHub::Killed);
        Ok(())
    }

    async fn restart_hub(&self) -> Result<(), HubError> {
        if self.inner().report.hub == SandboxHub::Running {
            return Ok(());
        }
        // A hub that ended by itself still has its process to be let go.
        drop(self.take_hub());
        self.change(|inner| inner.report.hub = SandboxHub::Starting);
        let started = self.start_hub().await;
        started.map_err(|error| {
            self.change(|inner| inner.report.hub = SandboxHub::Killed);
            not_started(&error)
        })
    }
}

fn add(platforms: &mut Vec<Platform>, platform: Platform) {
    if !platforms.contains(&platform) {
        platforms.push(platform);
    }
}

async fn arm(control: &ControlClient, faults: &[Fault]) -> Result<(), HubError> {
    let armed = async {
        for fault in faults {
            control.fault(fault).await?;
        }
        Ok::<_, ControlError>(())
    };
    armed.await.map_err(of_control)
}

fn throttle(platform: Platform) -> Fault {
    Fault {
        ms: Some(PAUSE_MS),
        ..for_good(platform, FaultKind::Throttle)
    }
}

/// Every call fails, and the line over which a platform tells what happens is cut.
fn outage(platform: Platform) -> Vec<Fault> {
    let line = Fault {
        method: Some("socket".to_owned()),
        count: 1,
        ..for_good(platform, FaultKind::Cut)
    };
    let calls = for_good(platform, FaultKind::FailBefore);
    match platform {
        Platform::Slack | Platform::Zoom => vec![calls, line],
        Platform::Teams | Platform::Webex => vec![calls],
    }
}

fn for_good(platform: Platform, fault: FaultKind) -> Fault {
    Fault {
        on: platform.word().to_owned(),
        method: None,
        fault,
        count: u32::MAX,
        ms: None,
    }
}
