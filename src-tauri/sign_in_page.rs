//! Opens the page of a sign-in in the system's browser. The window names the sign-in and the hub its
//! page, so that no page in the window can have anything else opened.

use std::process::Stdio;

use causeway_hub::api::{
    ErrorCode, GetServiceSignIn, HubError, ServiceSignInId, ServiceSignInState, UseCase,
};
use tauri::{State, Url};
use tokio::process::Command;

use crate::caller;
use crate::worlds::{World, Worlds};

/// Opens the page where somebody signs in.
#[tauri::command]
pub async fn open_sign_in(
    worlds: State<'_, Worlds>,
    world: World,
    id: ServiceSignInId,
) -> Result<(), HubError> {
    let asked = GetServiceSignIn { id }.into_request();
    let reply = worlds.access(world).request(asked).await?;
    let view = GetServiceSignIn::output(reply).ok_or_else(caller::mismatch)?;
    let page = page_of(&view.state).ok_or_else(cannot)?;
    let quiet = || Stdio::null();
    let opened = Command::new(OPENER)
        .arg(page.as_str())
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
    // It goes on by itself.
    opened.map(drop).map_err(|_| cannot())
}

#[cfg(target_os = "macos")]
const OPENER: &str = "open";
#[cfg(windows)]
const OPENER: &str = "explorer";
#[cfg(not(any(target_os = "macos", windows)))]
const OPENER: &str = "xdg-open";

/// What may be opened: an address of the web's, or of a stand-in on this machine.
fn page_of(state: &ServiceSignInState) -> Option<Url> {
    let ServiceSignInState::Waiting {
        verification_uri,
        authorize_url,
        ..
    } = state
    else {
        return None;
    };
    let page = authorize_url.as_ref().or(verification_uri.as_ref())?;
    let page = Url::parse(page).ok()?;
    let local = matches!(page.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let known = page.scheme() == "https" || (page.scheme() == "http" && local);
    known.then_some(page)
}

fn cannot() -> HubError {
    HubError::told(
        ErrorCode::Internal,
        "No browser could be opened from here.",
        "Copy the address, and open it in a browser on this computer.",
    )
}

#[cfg(test)]
mod tests {
    use causeway_model::Timestamp;

    use super::*;

    fn waiting(page: &str) -> ServiceSignInState {
        ServiceSignInState::Waiting {
            user_code: None,
            verification_uri: None,
            authorize_url: Some(page.to_owned()),
            expires_at: Timestamp(0),
        }
    }

    #[test]
    fn nothing_but_a_page_is_opened() {
        for page in ["https://login.example/a?b=c", "http://127.0.0.1:4103/a"] {
            let opened = page_of(&waiting(page)).map(String::from);
            assert_eq!(opened.as_deref(), Some(page));
        }
        for other in [
            "http://login.example/a",
            "file:///etc/passwd",
            "causeway://callback",
            "--help",
        ] {
            assert_eq!(page_of(&waiting(other)), None, "{other}");
        }
        assert_eq!(page_of(&ServiceSignInState::Cancelled), None);
    }
}
