//! The tray icon: whether messages flow, the one pause, the window, and the way out.

use std::panic::AssertUnwindSafe;

use causeway_hub::api::{HubError, RelayRole, SetPaused, StatusReport, UseCase};
use causeway_model::HealthState;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager, Wry};

use crate::window;
use crate::worlds::Worlds;

const PAUSE: &str = "pause";
const TOGGLE: &str = "toggle";
const QUIT: &str = "quit";

/// Whether there is a tray that people can see. Without one the window must not be hidden to it.
pub enum Tray {
    Shown(Box<Lines>),
    Missing,
}

/// What changes in the tray.
pub struct Lines {
    /// Says whether messages flow.
    state: MenuItem<Wry>,
    /// Pauses the relay, or resumes it.
    pause: MenuItem<Wry>,
    icon: TrayIcon<Wry>,
}

impl Tray {
    /// Puts the icon up, where the desktop has a place for it.
    pub fn put_up(app: &AppHandle) -> Self {
        if !host::is_there() {
            tracing::info!("this desktop shows no tray icons: closing the window ends Causeway");
            return Self::Missing;
        }
        // The library that draws it is loaded late, and its absence is a panic.
        match std::panic::catch_unwind(AssertUnwindSafe(|| build(app))) {
            Ok(Ok(lines)) => Self::Shown(Box::new(lines)),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the tray icon cannot be made");
                Self::Missing
            }
            Err(_) => {
                tracing::warn!("the library for tray icons is missing");
                Self::Missing
            }
        }
    }

    /// Says whether messages flow.
    pub fn tell(&self, status: &Result<StatusReport, HubError>) {
        if let Self::Shown(lines) = self
            && let Err(error) = lines.tell(status)
        {
            tracing::warn!(%error, "the tray cannot be told");
        }
    }
}

impl Lines {
    fn tell(&self, status: &Result<StatusReport, HubError>) -> tauri::Result<()> {
        let word = in_a_word(status);
        self.state.set_text(word)?;
        self.icon.set_tooltip(Some(format!("Causeway: {word}")))?;
        let switch = Switch::of(status);
        self.pause.set_text(switch.words())?;
        self.pause.set_enabled(switch != Switch::Impossible)
    }
}

/// What the tray's pause would do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Switch {
    Pause,
    Resume,
    /// Nothing is relayed from here, or nothing is known of it.
    Impossible,
}

impl Switch {
    fn of(status: &Result<StatusReport, HubError>) -> Self {
        match status {
            Ok(status) if status.paused_since.is_some() => Self::Resume,
            Ok(status) if status.role == RelayRole::Relaying && !status.connections.is_empty() => {
                Self::Pause
            }
            Ok(_) | Err(_) => Self::Impossible,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Pause | Self::Impossible => "Pause relaying",
            Self::Resume => "Resume relaying",
        }
    }
}

fn build(app: &AppHandle) -> tauri::Result<Lines> {
    let state = MenuItem::new(app, "Starting", false, None::<&str>)?;
    let words = Switch::Impossible.words();
    let pause = MenuItem::with_id(app, PAUSE, words, false, None::<&str>)?;
    let toggle = MenuItem::with_id(app, TOGGLE, "Show or hide Causeway", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, "Quit Causeway", true, None::<&str>)?;
    let first = PredefinedMenuItem::separator(app)?;
    let second = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(app, &[&state, &pause, &first, &toggle, &second, &quit])?;
    let mut icon = TrayIconBuilder::with_id("main")
        .menu(&menu)
        .tooltip("Causeway");
    if let Some(image) = app.default_window_icon() {
        icon = icon.icon(image.clone());
    }
    let icon = icon
        .on_menu_event(|app, event| match event.id().as_ref() {
            PAUSE => drop(tauri::async_runtime::spawn(pause_or_resume(app.clone()))),
            TOGGLE => window::toggle(app),
            QUIT => app.exit(0),
            _ => {}
        })
        .build(app)?;
    Ok(Lines { state, pause, icon })
}

async fn pause_or_resume(app: AppHandle) {
    let access = &app.state::<Worlds>().own;
    let changed = async {
        let paused = match Switch::of(&crate::status(access).await) {
            Switch::Pause => true,
            Switch::Resume => false,
            Switch::Impossible => return Ok(()),
        };
        let change = SetPaused {
            platform: None,
            paused,
        };
        access.request(change.into_request()).await.map(drop)
    };
    if let Err(error) = changed.await {
        tracing::warn!(error.code = error.code.word(), "the tray's pause failed");
    }
}

/// The same answer as the window's one status, worst first.
fn in_a_word(status: &Result<StatusReport, HubError>) -> &'static str {
    let Ok(status) = status else {
        return "Not answering";
    };
    match status.role {
        RelayRole::Idle => return "Not relaying",
        RelayRole::Relaying => {}
    }
    let is_any = |state| {
        status
            .connections
            .iter()
            .any(|known| known.health.state == state)
    };
    if status.connections.is_empty() {
        "Not set up"
    } else if status.paused_since.is_some() {
        "Paused"
    } else if is_any(HealthState::NeedsAuthorisation) {
        "Needs authorisation"
    } else if is_any(HealthState::Degraded) {
        "Degraded"
    } else if is_any(HealthState::Paused) {
        "Partly paused"
    } else if is_any(HealthState::Connecting) {
        "Connecting"
    } else {
        "Relaying"
    }
}

/// Whether anything shows tray icons. On Linux an icon that nobody shows is made all the same.
#[cfg(target_os = "linux")]
mod host {
    /// Source: the StatusNotifierItem specification, "StatusNotifierWatcher".
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    const PATH: &str = "/StatusNotifierWatcher";
    const HOST: &str = "IsStatusNotifierHostRegistered";

    pub(super) fn is_there() -> bool {
        asked().unwrap_or(false)
    }

    fn asked() -> zbus::Result<bool> {
        let bus = zbus::blocking::Connection::session()?;
        zbus::blocking::Proxy::new(&bus, WATCHER, PATH, WATCHER)?.get_property(HOST)
    }
}

#[cfg(not(target_os = "linux"))]
mod host {
    pub(super) fn is_there() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use causeway_hub::api::{ErrorCode, RelayRole, StatusReport};
    use causeway_model::{HealthState, Platform, Timestamp};

    use super::{Switch, in_a_word};
    use crate::fake::{connection, failure, status};

    fn connected(states: &[HealthState]) -> StatusReport {
        let view = |state| connection(Platform::Slack, state);
        StatusReport {
            connections: states.iter().copied().map(view).collect(),
            ..status()
        }
    }

    #[test]
    fn the_tray_tells_the_worst() {
        use HealthState::{Connected, Connecting, Degraded, NeedsAuthorisation};
        let told = |states| in_a_word(&Ok(connected(states)));
        assert_eq!(told(&[]), "Not set up");
        assert_eq!(told(&[Connected, Connected]), "Relaying");
        assert_eq!(told(&[Connected, Connecting]), "Connecting");
        assert_eq!(told(&[Degraded, NeedsAuthorisation]), "Needs authorisation");
        assert_eq!(
            in_a_word(&Err(failure(ErrorCode::HubUnavailable))),
            "Not answering"
        );
    }

    #[test]
    fn a_paused_relay_is_paused_however_its_connections_are() {
        let mut paused = connected(&[HealthState::NeedsAuthorisation]);
        paused.paused_since = Some(Timestamp(1));
        assert_eq!(in_a_word(&Ok(paused)), "Paused");
    }

    #[test]
    fn an_idle_folder_is_not_relaying_however_well_its_connections_are() {
        let mut idle = connected(&[HealthState::Connected]);
        idle.role = RelayRole::Idle;
        assert_eq!(in_a_word(&Ok(idle.clone())), "Not relaying");
        assert_eq!(Switch::of(&Ok(idle)), Switch::Impossible);
    }

    #[test]
    fn the_pause_does_what_its_words_say() {
        let mut relaying = connected(&[HealthState::Connected]);
        let pause = Switch::of(&Ok(relaying.clone()));
        assert_eq!((pause, pause.words()), (Switch::Pause, "Pause relaying"));
        relaying.paused_since = Some(Timestamp(1));
        let pause = Switch::of(&Ok(relaying));
        assert_eq!((pause, pause.words()), (Switch::Resume, "Resume relaying"));
        assert_eq!(Switch::of(&Ok(connected(&[]))), Switch::Impossible);
        let lost = Err(failure(ErrorCode::HubUnavailable));
        assert_eq!(Switch::of(&lost), Switch::Impossible);
    }
}
