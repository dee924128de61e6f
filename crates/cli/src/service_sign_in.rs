//! Signing in the account that the hub speaks or reads as, before its platform is connected.

use std::{
    io::{IsTerminal, stdout},
    process::Stdio,
    time::Duration,
};

use anyhow::anyhow;
use causeway_hub::{
    Client,
    api::{
        BeginServiceSignIn, CancelServiceSignIn, GetServiceSignIn, ServiceSignInId,
        ServiceSignInState, ServiceSignInView, ServiceSignInWay, SignInApp,
    },
};

use tokio::process::Command;

use crate::{
    args::{self, Cli, SignInWay},
    commands::stopped,
    failure::Failed,
    output,
};

/// Between two looks at how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Says where and how to sign in, and waits for it. Whoever stops waiting cancels it.
pub async fn sign_in(
    cli: &Cli,
    client: &Client,
    begin: BeginServiceSignIn,
) -> Result<ServiceSignInId, Failed> {
    let stopped = stopped();
    let whom = whom(&begin.app);
    let in_words = |view: &ServiceSignInView| in_words(view, whom);
    let begun = client.call(begin).await?;
    output::print(cli.json, &begun, in_words);
    if let ServiceSignInState::Waiting {
        authorize_url: Some(url),
        ..
    } = &begun.state
        && !cli.json
        && stdout().is_terminal()
    {
        open_in_browser(url);
    }
    let id = begun.id;
    tokio::select! {
        ended = ended(client, &id) => {
            let ended = ended?;
            // To programs, the connection says enough.
            if !cli.json {
                output::print(false, &ended, in_words);
            }
        }
        () = stopped => {
            let id = id.clone();
            drop(client.call(CancelServiceSignIn { id }).await);
            return Err(anyhow!("The sign-in was cancelled; nothing was connected.").into());
        }
    }
    Ok(id)
}

/// Of the service account.
pub fn teams(args: &args::ConnectTeams) -> BeginServiceSignIn {
    BeginServiceSignIn {
        app: SignInApp::Teams {
            graph_url: args.graph_url.clone(),
            login_url: args.login_url.clone(),
            tenant: args.tenant.clone(),
            client_id: args.client_id.clone(),
            client_secret: args.client_secret.clone(),
            certificate: args.certificate,
        },
        service_account: args.service_account.clone(),
        way: match args.sign_in {
            Some(SignInWay::Browser) => ServiceSignInWay::Browser,
            Some(SignInWay::Device) | None => ServiceSignInWay::Device,
        },
        pace: args.pace,
    }
}

/// Of an administrator.
pub fn webex(args: &args::ConnectWebex) -> BeginServiceSignIn {
    BeginServiceSignIn {
        app: SignInApp::Webex {
            api_url: args.api_url.clone(),
            client_id: args.client_id.clone(),
            client_secret: args.client_secret.clone(),
            hear_by_sockets: args.hear == args::WebexHear::Sockets,
        },
        service_account: None,
        // A browser could come back to registered addresses alone.
        way: ServiceSignInWay::Device,
        pace: args.pace,
    }
}

fn whom(app: &SignInApp) -> &'static str {
    match app {
        SignInApp::Teams { .. } => "the service account",
        SignInApp::Webex {
            hear_by_sockets: true,
            ..
        } => "an administrator",
        SignInApp::Webex {
            hear_by_sockets: false,
            ..
        } => "an administrator who is compliance officer too",
    }
}

/// Waits until somebody has signed in.
async fn ended(client: &Client, id: &ServiceSignInId) -> Result<ServiceSignInView, Failed> {
    loop {
        let view = client.call(GetServiceSignIn { id: id.clone() }).await?;
        match view.state {
            ServiceSignInState::Waiting { .. } => tokio::time::sleep(LOOK_EVERY).await,
            ServiceSignInState::Failed { error } => return Err(error.into()),
            ServiceSignInState::Cancelled => {
                return Err(anyhow!("The sign-in was cancelled; nothing was connected.").into());
            }
            ServiceSignInState::SignedIn { .. } => return Ok(view),
        }
    }
}

fn in_words(view: &ServiceSignInView, whom: &str) -> String {
    match &view.state {
        ServiceSignInState::Waiting {
            user_code: Some(code),
            verification_uri: Some(page),
            ..
        } => format!(
            "Open {page} and type {code}. Sign in there as {whom}; it does not matter on which \
             device."
        ),
        ServiceSignInState::Waiting { authorize_url, .. } => format!(
            "Open this address in a browser on this machine, and sign in as {whom}:\n{}",
            authorize_url.as_deref().unwrap_or_default()
        ),
        ServiceSignInState::SignedIn { name, note, .. } => {
            let note = note.as_deref().map(|note| format!("\n{note}"));
            format!("{name} has signed in.{}", note.unwrap_or_default())
        }
        ServiceSignInState::Failed { error } => error.message.clone(),
        ServiceSignInState::Cancelled => "The sign-in was cancelled.".to_owned(),
    }
}

/// The address is printed as well: where this does not work, it is opened by hand.
fn open_in_browser(url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let quiet = || Stdio::null();
    let opened = Command::new(program)
        .arg(url)
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
    drop(opened);
}
