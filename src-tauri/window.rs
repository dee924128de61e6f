//! The one window: shown, hidden to the tray, or closed for good.

use std::sync::atomic::{AtomicBool, Ordering};

use tauri::plugin::TauriPlugin;
use tauri::{
    App, AppHandle, CloseRequestApi, Emitter, Manager, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, Wry,
};
use tauri_plugin_window_state::StateFlags;

use crate::tray::Tray;

const LABEL: &str = "main";

/// Told to the window when closing it would end the relay, so that it says so first.
pub const CLOSING: &str = "closing";

/// Whether the window has said what closing it means. Closing it once more then ends Causeway,
/// whatever has become of the page in it.
#[derive(Default)]
pub struct Warned(AtomicBool);

/// Given when the program is started at login: it goes to the tray at once.
pub const HIDDEN: &str = "--hidden";

/// The page that the bench opens beside the real one, to tell what the window itself costs.
const BLANK_PAGE: &str = "CAUSEWAY_BLANK_PAGE";

/// Opens the window; hidden where that was asked for and a tray can bring it back.
///
/// # Errors
/// When the system's web view cannot be started.
pub fn open(app: &App) -> tauri::Result<()> {
    let windows = &app.config().app.windows;
    let mut config = windows.first().cloned().unwrap_or_default();
    let unseen = std::env::args_os().any(|argument| argument == HIDDEN);
    config.visible = !(unseen && matches!(*app.state::<Tray>(), Tray::Shown(_)));
    if std::env::var_os(BLANK_PAGE).is_some() {
        config.url = WebviewUrl::App("blank.html".into());
    }
    WebviewWindowBuilder::from_config(app, &config)?.build()?;
    Ok(())
}

/// Opens the window where it was left, in the size it had. Whether it was hidden is forgotten: who
/// starts the program wants to see it.
pub fn remembered() -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::POSITION | StateFlags::SIZE | StateFlags::MAXIMIZED)
        .build()
}

/// Brings the window to the front when the program is started once more; not where that was at login.
pub fn started_again(app: &AppHandle, arguments: &[String]) {
    if !arguments.iter().any(|argument| argument == HIDDEN) {
        show(app);
    }
}

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    with_window(app, |window| {
        window.show()?;
        window.unminimize()?;
        window.set_focus()
    });
}

/// Whether the window is before its user's eyes.
pub fn is_looked_at(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL)
        .is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Shows the window where it is hidden, and hides it where it is shown.
pub fn toggle(app: &AppHandle) {
    let shown = app
        .get_webview_window(LABEL)
        .is_some_and(|window| window.is_visible().unwrap_or(false));
    if shown {
        with_window(app, WebviewWindow::hide);
    } else {
        show(app);
    }
}

/// Hides the window to the tray, and the relay goes on. Without a tray the window could not be
/// got back, so there closing it ends Causeway, after the window has said so.
pub fn close_requested(app: &AppHandle, request: &CloseRequestApi) {
    request.prevent_close();
    match *app.state::<Tray>() {
        Tray::Shown(_) => with_window(app, WebviewWindow::hide),
        Tray::Missing => {
            if app.state::<Warned>().0.swap(true, Ordering::SeqCst) {
                app.exit(0);
            } else if let Err(error) = app.emit(CLOSING, ()) {
                tracing::warn!(%error, "the window cannot be told that it closes");
                app.exit(0);
            }
        }
    }
}

fn with_window(app: &AppHandle, act: impl FnOnce(&WebviewWindow) -> tauri::Result<()>) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = act(&window)
    {
        tracing::warn!(%error, "the window does not obey");
    }
}
