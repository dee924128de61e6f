//! What the window may call: the hub's use cases as one command, and two of its own.

use std::sync::Arc;

use causeway_hub::api::{HubError, Reply, Request};
use tauri::{AppHandle, State};

use crate::access::HubAccess;

/// Carries one use case out in the hub.
#[tauri::command]
pub async fn call(access: State<'_, Arc<HubAccess>>, request: Request) -> Result<Reply, HubError> {
    access.request(request).await
}

/// Opens the data folder again after that failed.
#[tauri::command]
pub async fn open_hub(access: State<'_, Arc<HubAccess>>) -> Result<(), HubError> {
    access.open().await
}

/// Ends Causeway: nothing is relayed from here any more.
#[tauri::command]
pub fn quit(app: AppHandle) {
    app.exit(0);
}
