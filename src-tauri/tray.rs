//! The tray icon: whether messages flow, the window, and the way out.

use std::panic::AssertUnwindSafe;

use causeway_hub::api::{HubError, RelayRole, StatusReport};
use causeway_model::HealthState;
use tauri::AppHandle;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::TrayIconBuilder;

use crate::window;

const TOGGLE: &str = "toggle";
const QUIT: &str = "quit";

/// Whether there is a tray that people can see. Without one the window must not be hidden to it.
pub enum Tray {
    /// Its first line, which says whether messages flow.
    Shown(MenuItem<tauri::Wry>),
    Missing,
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
            Ok(Ok(line)) => Self::Shown(line),
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
        if let Self::Shown(line) = self
            && let Err(error) = line.set_text(in_a_word(status))
        {
            tracing::warn!(%error, "the tray cannot be told");
        }
    }
}

fn build(app: &AppHandle) -> tauri::Result<MenuItem<tauri::Wry>> {
    let line = MenuItem::new(app, "Starting", false, None::<&str>)?;
    let toggle = MenuItem::with_id(app, TOGGLE, "Show or hide Causeway", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, "Quit Causeway", true, None::<&str>)?;
    let first = PredefinedMenuItem::separator(app)?;
    let second = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(app, &[&line, &first, &toggle, &second, &quit])?;
    let mut icon = TrayIconBuilder::with_id("main")
        .menu(&menu)
        .tooltip("Causeway");
    if let Some(image) = app.default_window_icon() {
        icon = icon.icon(image.clone());
    }
    icon.on_menu_event(|app, event| match event.id().as_ref() {
        TOGGLE => window::toggle(app),
        QUIT => app.exit(0),
        _ => {}
    })
    .build(app)?;
    Ok(line)
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
    use causeway_hub::api::{ConnectionView, ErrorCode, RelayRole, StatusReport};
    use causeway_model::{ConnectionId, Health, HealthState, Platform, Timestamp};

    use super::in_a_word;
    use crate::fake::{failure, status};

    fn connected(states: &[HealthState]) -> StatusReport {
        let view = |state| ConnectionView {
            id: ConnectionId(1),
            platform: Platform::Slack,
            name: "Acme".to_owned(),
            health: Health {
                state,
                since: Timestamp(0),
                last_success: None,
                detail: None,
            },
            paused_since: None,
            action: None,
            accounts: 0,
            authorised: 0,
        };
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
        assert_eq!(in_a_word(&Ok(idle)), "Not relaying");
    }
}
