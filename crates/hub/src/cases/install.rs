//! Installing the Slack app through the browser.

use async_trait::async_trait;
use causeway_connectors::{
    Secret, SignInFailure,
    consent_page::CallbackAnswer,
    http,
    install_page::{InstallDesk, InstallEnding},
    slack::{Installation, Installed},
};
use data_encoding::BASE64URL_NOPAD;
use std::sync::Weak;
use url::Url;

use super::connect::{self, checked_url, required, with_slash};
use crate::{
    Hub,
    api::{BeginSlackInstall, ErrorCode, HubError, SlackInstallView},
    error::failed,
};

/// Where the callback is mounted on the listener.
pub(crate) const MOUNT: &str = "slack-install";

/// What a browser's coming back completes.
pub(crate) struct Begun {
    app: Installation,
    signing_secret: String,
    callback: Url,
}

pub(crate) fn begin_slack_install(
    hub: &Hub,
    args: BeginSlackInstall,
) -> Result<SlackInstallView, HubError> {
    let callback = callback(hub)?;
    let api_url = args
        .api_url
        .unwrap_or_else(|| "https://slack.com/api/".to_owned());
    let app = Installation {
        api_url: address(&with_slash(&checked_url(&api_url)?))?,
        client_id: required(args.client_id, "client id")?,
        client_secret: Secret::new(required(args.client_secret, "client secret")?),
    };
    let signing_secret = required(args.signing_secret, "signing secret")?;
    let state = word_that_nobody_guesses(hub);
    let authorize_url = app
        .authorize_url(&callback, &state)
        .ok_or_else(|| unreadable("A base URL cannot be read."))?
        .to_string();
    let callback_url = callback.to_string();
    let begun = Begun {
        app,
        signing_secret,
        callback,
    };
    let expires_at = hub.installs.begin(state, begun, hub.engine.clock().now());
    Ok(SlackInstallView {
        authorize_url,
        callback_url,
        expires_at,
    })
}

fn callback(hub: &Hub) -> Result<Url, HubError> {
    let reached = hub.reached.public_url.as_ref();
    let public = reached.filter(|_| hub.relays).ok_or_else(|| {
        let message =
            "A browser cannot come back to this hub: no relay with a public address runs.";
        failed(ErrorCode::InvalidArgument, message)
            .action("Settle a public address and start the relay, or give the tokens yourself.")
            .build()
    })?;
    address(&format!("{public}/hooks/{MOUNT}/callback"))
}

fn address(text: &str) -> Result<Url, HubError> {
    Url::parse(text).map_err(|_| unreadable("An address cannot be read."))
}

fn unreadable(message: &str) -> HubError {
    failed(ErrorCode::InvalidArgument, message).build()
}

/// 256 bits, as text for a URL.
fn word_that_nobody_guesses(hub: &Hub) -> String {
    let random = hub.engine.random();
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&random.bits().to_be_bytes());
    bytes[16..].copy_from_slice(&random.bits().to_be_bytes());
    BASE64URL_NOPAD.encode(&bytes)
}

/// The hub, as the callback meets it.
pub(crate) struct Desk(pub(crate) Weak<Hub>);

#[async_trait]
impl InstallDesk for Desk {
    async fn finish(&self, state: &str, answer: CallbackAnswer) -> InstallEnding {
        let Some(hub) = self.0.upgrade() else {
            return InstallEnding::TryAgain;
        };
        let now = hub.engine.clock().now();
        let Some(begun) = hub.installs.take(state, now) else {
            return InstallEnding::NotOpen;
        };
        let installed = match redeem(&hub, &begun, answer).await {
            Ok(installed) => installed,
            Err(failure) => {
                tracing::warn!(error = %failure, "the app was not installed");
                return ending_of(&failure);
            }
        };
        match connect::connect_installed(&hub, begun.app, begun.signing_secret, installed).await {
            Ok(_) => InstallEnding::Connected,
            Err(error) => {
                tracing::warn!(
                    error.code = error.code.word(),
                    "the installed workspace was not connected"
                );
                InstallEnding::TryAgain
            }
        }
    }
}

async fn redeem(
    hub: &Hub,
    begun: &Begun,
    answer: CallbackAnswer,
) -> Result<Installed, SignInFailure> {
    let code = match answer {
        CallbackAnswer::Code(code) => code,
        CallbackAnswer::Error { error, .. } => return Err(begun.app.read_error(&error)),
    };
    let http = http::client().map_err(|_| SignInFailure::NotSupported("no_network".to_owned()))?;
    let clock = hub.engine.clock().clone();
    begun.app.redeem(http, clock, &code, &begun.callback).await
}

fn ending_of(failure: &SignInFailure) -> InstallEnding {
    match failure {
        SignInFailure::Declined => InstallEnding::Declined,
        SignInFailure::Expired => InstallEnding::NotOpen,
        SignInFailure::AdministratorOnly(_) | SignInFailure::Forbidden(_) => {
            InstallEnding::ApprovalNeeded
        }
        SignInFailure::WrongOrganisation
        | SignInFailure::DeviceCodeBlocked(_)
        | SignInFailure::SecondFactorRequired(_)
        | SignInFailure::NotSupported(_)
        | SignInFailure::Failed(_) => InstallEnding::TryAgain,
    }
}
