//! Connecting platforms.

use std::{collections::BTreeMap, process::ExitCode};

use causeway_hub::{
    Client, Purpose,
    api::{
        AddressView, BeginSlackInstall, ConnectSlack, ConnectTeams, ConnectWebex, ConnectZoom,
        ConnectionView, GetAddress, GuestSignIn, TuneConnection, WebexGuestIssuer, ZoomChatbot,
        ZoomUserApp,
    },
};
use causeway_model::Platform;

use crate::{
    args::{self, Cli},
    commands::{DONE, open},
    failure::Failed,
    output,
    preflight::after_connecting,
    service_sign_in,
};

/// An installation is finished in the browser.
const INSTALLED: &str = "An installation is begun by itself.";

pub async fn connect(cli: &Cli, args: &args::Connect) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    if let args::Connect::SlackInstall(args) = args {
        return begin_install(cli, client, args).await;
    }
    let connected = connect_and_look(cli, &client, args).await;
    let found = match &connected {
        // What is printed for programs is the connection alone.
        Ok((view, _)) if !cli.json => after_connecting(&client, view.platform).await.ok(),
        Ok(_) | Err(_) => None,
    };
    client.close().await;
    let (connected, address) = connected?;
    output::print(cli.json, &connected, |view| {
        let words = connected_words(view, &address);
        match found {
            Some(found) => format!("{words}\n{found}"),
            None => words,
        }
    });
    Ok(DONE)
}

async fn begin_install(
    cli: &Cli,
    client: Client,
    args: &args::SlackInstall,
) -> Result<ExitCode, Failed> {
    let begun = client
        .call(BeginSlackInstall {
            api_url: args.api_url.clone(),
            client_id: args.client_id.clone(),
            client_secret: args.client_secret.clone(),
            signing_secret: args.signing_secret.clone(),
        })
        .await;
    client.close().await;
    output::print(cli.json, &begun?, |begun| {
        format!(
            "Add this redirect URL to the app's settings at Slack:\n  {}\nThen open this page \
             within ten minutes, as an administrator of the workspace:\n  {}",
            begun.callback_url, begun.authorize_url
        )
    });
    Ok(DONE)
}

async fn connect_and_look(
    cli: &Cli,
    client: &Client,
    args: &args::Connect,
) -> Result<(ConnectionView, AddressView), Failed> {
    let connected = connect_with(cli, client, args).await?;
    Ok((connected, client.call(GetAddress {}).await?))
}

fn connected_words(view: &ConnectionView, address: &AddressView) -> String {
    let (platform, name) = (view.platform.name(), &view.name);
    let urls = address.request_urls.iter();
    let urls: String = urls
        .filter(|to_be_told| to_be_told.platform == view.platform)
        .map(|to_be_told| format!("\n  {}: {}", to_be_told.page, to_be_told.url))
        .collect();
    if urls.is_empty() {
        return format!("{platform} ({name}) is connected.");
    }
    format!(
        "{platform} ({name}) is connected. While the relay runs, paste these addresses into the \
         app's settings there:{urls}"
    )
}

async fn connect_with(
    cli: &Cli,
    client: &Client,
    args: &args::Connect,
) -> Result<ConnectionView, Failed> {
    let (connected, tuning) = match args {
        args::Connect::SlackInstall(_) => return Err(Failed::Usage(INSTALLED.to_owned())),
        args::Connect::Slack(args) => {
            let tuning = paced(Platform::Slack, args.pace);
            (client.call(slack(args)?).await?, tuning)
        }
        args::Connect::Teams(args) => {
            let tuning = tune_teams(args)?;
            let mut teams = teams(args)?;
            if teams.service_account_refresh_token.is_none() {
                let begin = service_sign_in::teams(args);
                teams.service_sign_in = Some(service_sign_in::sign_in(cli, client, begin).await?);
            }
            (client.call(teams).await?, tuning)
        }
        args::Connect::Webex(args) => {
            let tuning = paced(Platform::Webex, args.pace);
            let mut webex = webex(args)?;
            if webex.administrator_refresh_token.is_none() {
                let begin = service_sign_in::webex(args);
                let signed_in = service_sign_in::sign_in(cli, client, begin).await?;
                webex.administrator_sign_in = Some(signed_in);
            }
            (client.call(webex).await?, tuning)
        }
        args::Connect::Zoom(args) => {
            let tuning = paced(Platform::Zoom, args.pace);
            (client.call(zoom(args)).await?, tuning)
        }
    };
    match tuning {
        Some(tuning) => Ok(client.call(tuning).await?),
        None => Ok(connected),
    }
}

fn slack(args: &args::ConnectSlack) -> Result<ConnectSlack, Failed> {
    Ok(ConnectSlack {
        api_url: args.api_url.clone(),
        client_id: args.client_id.clone(),
        client_secret: args.client_secret.clone(),
        bot_token: args.bot_token.clone(),
        app_token: args.app_token.clone(),
        signing_secret: args.signing_secret.clone(),
        user_tokens: owned_tokens(&args.user_tokens)?,
    })
}

fn teams(args: &args::ConnectTeams) -> Result<ConnectTeams, Failed> {
    Ok(ConnectTeams {
        graph_url: args.graph_url.clone(),
        login_url: args.login_url.clone(),
        tenant: args.tenant.clone(),
        client_id: args.client_id.clone(),
        client_secret: args.client_secret.clone().unwrap_or_default(),
        client_secret_ends: args.client_secret_ends,
        certificate: args.certificate,
        service_account: args.service_account.clone(),
        service_sign_in: None,
        service_account_refresh_token: args.service_account_refresh_token.clone(),
        refresh_tokens: owned_tokens(&args.refresh_tokens)?,
        poll_every_ms: args.poll_ms,
    })
}

fn webex(args: &args::ConnectWebex) -> Result<ConnectWebex, Failed> {
    let issuer = args
        .guest_client_id
        .clone()
        .map(|client_id| WebexGuestIssuer {
            client_id,
            client_secret: args.guest_client_secret.clone().unwrap_or_default(),
            refresh_token: args.guest_refresh_token.clone().unwrap_or_default(),
        });
    Ok(ConnectWebex {
        api_url: args.api_url.clone(),
        client_id: args.client_id.clone(),
        client_secret: args.client_secret.clone(),
        bot_token: args.bot_token.clone(),
        administrator_sign_in: None,
        administrator_refresh_token: args.administrator_refresh_token.clone(),
        guest_issuer: issuer,
        refresh_tokens: owned_tokens(&args.refresh_tokens)?,
        poll_every_ms: args.poll_ms,
        hear_by_sockets: args.hear == args::WebexHear::Sockets,
    })
}

fn zoom(args: &args::ConnectZoom) -> ConnectZoom {
    let chatbot = args.chatbot_client_id.clone().map(|client_id| ZoomChatbot {
        client_id,
        client_secret: args.chatbot_client_secret.clone().unwrap_or_default(),
        robot_jid: args.chatbot_jid.clone().unwrap_or_default(),
    });
    let secret = args.user_app_client_secret.clone();
    let user_app = args
        .user_app_client_id
        .clone()
        .map(|client_id| ZoomUserApp {
            client_id,
            client_secret: secret,
        });
    ConnectZoom {
        api_url: args.api_url.clone(),
        oauth_url: args.oauth_url.clone(),
        socket_url: args.socket_url.clone(),
        account_id: args.account_id.clone(),
        client_id: args.client_id.clone(),
        client_secret: args.client_secret.clone(),
        subscription_id: args.subscription_id.clone(),
        secret_token: args.secret_token.clone(),
        service_user: args.service_user.clone(),
        chatbot,
        user_app,
    }
}

/// How fast its clock runs, where that was given.
fn paced(platform: Platform, pace: Option<u32>) -> Option<TuneConnection> {
    pace.map(|pace| TuneConnection {
        platform,
        pace: Some(pace),
        guest_sign_in: None,
        guest_passwords: BTreeMap::new(),
    })
}

fn tune_teams(args: &args::ConnectTeams) -> Result<Option<TuneConnection>, Failed> {
    let ways: Vec<_> = args
        .guest_sign_in
        .iter()
        .map(|way| match way {
            args::GuestSignIn::Admin => GuestSignIn::Administrator,
            args::GuestSignIn::Password => GuestSignIn::Password,
        })
        .collect();
    let tuning = TuneConnection {
        platform: Platform::Teams,
        pace: args.pace,
        guest_sign_in: (!ways.is_empty()).then_some(ways),
        guest_passwords: owned(&args.guest_passwords, "A guest's password", "PASSWORD")?,
    };
    let given = tuning.pace.is_some()
        || tuning.guest_sign_in.is_some()
        || !tuning.guest_passwords.is_empty();
    Ok(given.then_some(tuning))
}

fn owned_tokens(pairs: &[String]) -> Result<BTreeMap<String, String>, Failed> {
    owned(pairs, "A person's token", "TOKEN")
}

fn owned(pairs: &[String], what: &str, value: &str) -> Result<BTreeMap<String, String>, Failed> {
    pairs
        .iter()
        .map(|pair| {
            let (owner, secret) = pair.split_once('=').ok_or_else(|| {
                // What was given may be a secret by itself: it is not repeated.
                Failed::Usage(format!("{what} is given as ADDRESS={value}."))
            })?;
            Ok((owner.trim().to_owned(), secret.trim().to_owned()))
        })
        .collect()
}
