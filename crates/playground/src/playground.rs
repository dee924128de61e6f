//! Starting and ending it: the stand-ins in this process, the hub in another, and between them only
//! the platforms' protocols.

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use causeway_hub::{
    Client,
    api::{HubError, PairPerson, PersonRef, SecondaryWish},
};
use causeway_model::Platform;
use causeway_sandbox::{ControlClient, Options, Running, Sandbox, acme};
use tempfile::TempDir;
use tokio::{process::Command, sync::watch};

use crate::{
    HubProcess, Place, SandboxHub, SandboxReport, SandboxState, connect,
    connect::home,
    failure::{not_running, not_started},
    hub_process::hears_everything,
    report::people,
};

/// Who is paired from the beginning and where they are represented, so that whoever comes to look can
/// write at once. Everybody else is left to be paired by hand.
const PAIRED: [(&str, &[Platform]); 11] = [
    ("ann@acme.example", &[Platform::Teams]),
    ("bob@acme.example", &[Platform::Slack]),
    ("raj@acme.example", &[Platform::Slack]),
    // Each of these is asked at the first message.
    ("eli@acme.example", &[Platform::Teams]),
    ("dana@acme.example", &[Platform::Slack]),
    // Stands as a guest in Teams.
    ("noor@lattice.example", &[Platform::Teams]),
    // Has no account in Teams: the app speaks.
    ("gus@acme.example", &[Platform::Teams]),
    // These work in one platform and stand in all others.
    (
        "yara@acme.example",
        &[Platform::Teams, Platform::Webex, Platform::Zoom],
    ),
    (
        "theo@acme.example",
        &[Platform::Slack, Platform::Webex, Platform::Zoom],
    ),
    (
        "wanda@acme.example",
        &[Platform::Slack, Platform::Teams, Platform::Zoom],
    ),
    (
        "zara@acme.example",
        &[Platform::Slack, Platform::Teams, Platform::Webex],
    ),
];

/// The sandbox with a hub of its own, started and ended as asked. What is in it is forgotten with it.
pub struct Playground {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Held by whoever starts or ends something.
    pub(crate) turn: tokio::sync::Mutex<()>,
    inner: Mutex<Inner>,
    /// Moves on with every change of the report.
    told: watch::Sender<u64>,
}

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) report: SandboxReport,
    open: Option<Open>,
}

struct Open {
    sandbox: Running,
    control: ControlClient,
    hub: Option<HubProcess>,
    place: Place,
    /// Removed with everything in it.
    _folder: TempDir,
}

impl Playground {
    /// Nothing is started yet. The hub's process will be `program` with `arguments` and the folder,
    /// and has to call [`crate::relay_until_the_parent_ends`].
    #[must_use]
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Self {
        Self {
            program,
            arguments,
            turn: tokio::sync::Mutex::default(),
            inner: Mutex::default(),
            told: watch::Sender::new(0),
        }
    }

    /// How it stands now.
    pub async fn report(&self) -> SandboxReport {
        self.notice_an_ended_hub();
        let control = self.control().ok();
        let known = match &control {
            Some(control) => control.people().await.ok(),
            None => None,
        };
        let mut report = self.inner().report.clone();
        report.people = known.as_deref().map(people).unwrap_or_default();
        report
    }

    /// Moves on with every change of the report.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    /// Starts the stand-ins, connects a new folder to them, pairs the first people and starts the
    /// hub. Does nothing where it runs.
    ///
    /// # Errors
    /// Why it did not start; what had been started is ended.
    pub async fn start(&self) -> Result<SandboxReport, HubError> {
        let turn = self.turn.lock().await;
        if self.inner().open.is_none() {
            self.begin(SandboxState::Starting);
            match self.open().await {
                Ok(open) => self.change(|inner| {
                    inner.report.state = SandboxState::Running;
                    inner.report.hub = SandboxHub::Running;
                    inner.report.guests_allowed = true;
                    inner.report.speed = 1;
                    inner.open = Some(open);
                }),
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "the sandbox did not start");
                    let error = not_started(&error);
                    self.change(|inner| {
                        inner.report = SandboxReport {
                            state: SandboxState::Failed,
                            error: Some(error.clone()),
                            ..SandboxReport::default()
                        };
                    });
                    return Err(error);
                }
            }
        }
        drop(turn);
        Ok(self.report().await)
    }

    /// Ends it and forgets everything in it. Does nothing where it does not run.
    pub async fn stop(&self) -> SandboxReport {
        let turn = self.turn.lock().await;
        let open = self.inner().open.take();
        if let Some(open) = open {
            self.begin(SandboxState::Stopping);
            if let Some(hub) = open.hub {
                hub.stop().await;
            }
            open.sandbox.shutdown().await;
        }
        self.change(|inner| inner.report = SandboxReport::default());
        drop(turn);
        self.report().await
    }

    /// Where the hub works, once it runs.
    pub async fn hub_runs(&self) -> Place {
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            if let Some(place) = self.running_place() {
                return place;
            }
            // The sender lives in `self`.
            let _ = changes.changed().await;
        }
    }

    /// The control API of the stand-ins.
    pub(crate) fn control(&self) -> Result<ControlClient, HubError> {
        let inner = self.inner();
        let open = inner.open.as_ref().ok_or_else(not_running)?;
        Ok(open.control.clone())
    }

    /// Takes the hub's process out, to end it.
    pub(crate) fn take_hub(&self) -> Option<HubProcess> {
        self.inner().open.as_mut()?.hub.take()
    }

    /// Starts the hub's process in the folder that there is.
    pub(crate) async fn start_hub(&self) -> Result<()> {
        let place = self.inner().open.as_ref().map(|open| open.place.clone());
        let place = place.context("there is no folder")?;
        let hub = HubProcess::start(self.command(&place)).await?;
        self.change(|inner| {
            inner.report.hub = SandboxHub::Running;
            if let Some(open) = &mut inner.open {
                open.hub = Some(hub);
            }
        });
        Ok(())
    }

    /// Says that the report may have changed.
    pub(crate) fn tell(&self) {
        self.told.send_modify(|revision| *revision += 1);
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Inner)) {
        change(&mut self.inner());
        self.tell();
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, state: SandboxState) {
        let report = SandboxReport {
            state,
            ..SandboxReport::default()
        };
        self.change(|inner| inner.report = report);
    }

    fn running_place(&self) -> Option<Place> {
        let inner = self.inner();
        let open = inner.open.as_ref()?;
        (inner.report.hub == SandboxHub::Running).then(|| open.place.clone())
    }

    fn notice_an_ended_hub(&self) {
        let mut inner = self.inner();
        let ended = |hub: &mut HubProcess| hub.has_ended();
        let open = inner.open.as_mut();
        if open.is_some_and(|open| open.hub.as_mut().is_some_and(ended)) {
            inner.report.hub = SandboxHub::Killed;
        }
    }

    async fn open(&self) -> Result<Open> {
        let sandbox = Sandbox::start(Options::default()).await?;
        let control = sandbox.description()["control"]
            .as_str()
            .map(ControlClient::new)
            .context("the sandbox has no control API")?;
        let folder = tempfile::Builder::new()
            .prefix("causeway-sandbox-")
            .tempdir()
            .context("no temporary folder can be made")?;
        let place = Place::within(folder.path().to_owned());
        let client = place.manage().await?;
        connect(&client, &control, &Platform::ALL).await?;
        pair_the_first(&client).await?;
        client.close().await;
        let hub = HubProcess::start(self.command(&place)).await?;
        hears_everything(&place.attach().await?).await?;
        Ok(Open {
            sandbox,
            control,
            hub: Some(hub),
            place,
            _folder: folder,
        })
    }

    fn command(&self, place: &Place) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(&place.home);
        command
    }
}

async fn pair_the_first(client: &Client) -> Result<()> {
    for (email, secondaries) in PAIRED {
        let member = acme::MEMBERS.iter().find(|member| member.email == email);
        let primary = home(member.context("somebody of the first is not at Acme")?);
        for secondary in secondaries.iter().copied() {
            let pair = PairPerson {
                person: PersonRef::Named(email.to_owned()),
                primary,
                secondary,
                wish: SecondaryWish::Best,
            };
            client.call(pair).await?;
        }
    }
    Ok(())
}
