//! Links of the form `causeway:…`: the scheme is ours, and opening one brings the window to front.

use tauri::App;
use tauri_plugin_deep_link::DeepLinkExt;

use crate::window;

/// Makes this program the one that opens our links. Where the desktop has no way to, links are
/// not opened, and everything else works.
pub fn register(app: &App) {
    let links = app.deep_link();
    #[cfg(any(target_os = "linux", all(debug_assertions, windows)))]
    if let Err(error) = links.register_all() {
        tracing::warn!(%error, "the scheme of our links cannot be registered");
    }
    let handle = app.handle().clone();
    links.on_open_url(move |_| window::show(&handle));
}
