//! Starting when the user signs in to this desktop, in the tray.

use causeway_hub::api::HubError;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};
use tauri_plugin_autostart::{MacosLauncher, ManagerExt};

use crate::desktop_settings::unwritable;
use crate::window;

pub fn plugin() -> TauriPlugin<Wry> {
    tauri_plugin_autostart::init(MacosLauncher::LaunchAgent, Some(vec![window::HIDDEN]))
}

/// Whether Causeway starts at login.
///
/// # Errors
/// Why this system does not say.
pub fn starts(app: &AppHandle) -> Result<bool, String> {
    let starts = app.autolaunch().is_enabled();
    starts.map_err(|error| error.to_string())
}

/// # Errors
/// `folder_unwritable` where the system does not take it.
pub fn set(app: &AppHandle, wanted: bool) -> Result<(), HubError> {
    let login = app.autolaunch();
    let changed = if wanted {
        login.enable()
    } else {
        login.disable()
    };
    changed.map_err(|error| unwritable(&error.to_string()))
}
