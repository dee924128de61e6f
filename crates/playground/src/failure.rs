//! What went wrong in the playground, as an error of the hub's closed list.

use causeway_hub::api::{ErrorCode, HubError};
use causeway_sandbox::control_client::ControlError;

const START_AGAIN: &str = "Stop the sandbox and start it again.";

pub(crate) fn not_running() -> HubError {
    HubError::told(
        ErrorCode::HubUnavailable,
        "The sandbox is not running.",
        "Start it on the Sandbox page.",
    )
}

pub(crate) fn not_started(error: &anyhow::Error) -> HubError {
    let told = HubError::told(
        ErrorCode::Internal,
        "The sandbox did not start.",
        "Start it again. If it fails once more, the details say why.",
    );
    HubError {
        hint: Some(format!("{error:#}")),
        ..told
    }
}

/// What the stand-ins said to somebody who did something in their own app.
pub(crate) fn of_control(error: ControlError) -> HubError {
    match error {
        ControlError::Unreachable(_) => HubError::told(
            ErrorCode::Unreachable,
            "The sandbox does not answer.",
            START_AGAIN,
        ),
        ControlError::Refused { message, .. } => HubError::told(
            ErrorCode::PlatformRejected,
            format!("That cannot be done there: {message}."),
            "Do something else; nothing was changed.",
        ),
    }
}
