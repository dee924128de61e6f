//! The commands other than the demo and those about people: each one use case.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use anyhow::Context;
use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{
        ActivityFilter, AddressView, BeginSlackInstall, ConnectSlack, ConnectTeams, ConnectionView,
        DismissNotice, GetAddress, GetDelivery, GetPolicy, GetStatus, GuestSignIn, ListActivity,
        ListGaps, ListNotices, Resolution, ResolveDelivery, RetryDelivery, SetPolicy, SkipDelivery,
        TuneConnection,
    },
};
use causeway_model::{DeliveryId, Platform};
use serde_json::json;

use crate::{
    args::{self, Cli},
    export,
    failure::Failed,
    output,
    preflight::after_connecting,
    service_sign_in, words,
};

const DONE: ExitCode = ExitCode::SUCCESS;

pub async fn sandbox(cli: &Cli, args: &args::Sandbox) -> Result<ExitCode, Failed> {
    let running = causeway_sandbox::Sandbox::start(causeway_sandbox::Options {
        port: args.port,
        speed: args.speed,
        seed: args.seed,
        record: args.record.clone(),
    })
    .await
    .context("the sandbox could not start")?;
    let description = running.description();
    output::print(cli.json, &description, |description| {
        serde_json::to_string_pretty(description).unwrap_or_default()
    });
    stopped().await;
    running.shutdown().await;
    Ok(DONE)
}

pub async fn run(cli: &Cli, args: &args::Run) -> Result<ExitCode, Failed> {
    let purpose = Purpose::Relay {
        listen: args.listen,
        public_url: args.public_url.clone(),
    };
    let client = open(cli, purpose).await?;
    if client.is_attached() {
        let report = client.call(GetStatus {}).await?;
        output::print(cli.json, &report, |_| {
            "A relay already runs in this folder; this one has nothing to do.".to_owned()
        });
        return Ok(DONE);
    }
    let report = client.call(GetStatus {}).await?;
    let ready = json!({
        "ready": true,
        "home": report.home,
        "listen": report.listener,
        "pid": std::process::id(),
    });
    output::print(cli.json, &ready, |_| {
        format!("Relaying. Data folder: {}. Stop with Ctrl-C.", report.home)
    });
    stopped().await;
    client.close().await;
    Ok(DONE)
}

pub async fn status(cli: &Cli) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let report = client.call(GetStatus {}).await;
    let notices = client.call(ListNotices {}).await;
    client.close().await;
    let notices = notices?;
    output::print(cli.json, &report?, |report| words::status(report, &notices));
    Ok(DONE)
}

pub async fn connect(cli: &Cli, args: &args::Connect) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let args = match args {
        args::Connect::Slack(args) => Platforms::Slack(args),
        args::Connect::Teams(args) => Platforms::Teams(args),
        args::Connect::SlackInstall(args) => return begin_install(cli, client, args).await,
    };
    let connected = connect_and_look(cli, &client, &args).await;
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

/// What can be connected at once.
enum Platforms<'a> {
    Slack(&'a args::ConnectSlack),
    Teams(&'a args::ConnectTeams),
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
    args: &Platforms<'_>,
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
    args: &Platforms<'_>,
) -> Result<ConnectionView, Failed> {
    let (connected, tuning) = match args {
        Platforms::Slack(args) => {
            let tuning = tune_slack(args);
            (client.call(slack(args)?).await?, tuning)
        }
        Platforms::Teams(args) => {
            let tuning = tune_teams(args)?;
            let mut teams = teams(args)?;
            if teams.service_account_refresh_token.is_none() {
                teams.service_sign_in = Some(service_sign_in::sign_in(cli, client, args).await?);
            }
            (client.call(teams).await?, tuning)
        }
    };
    match tuning {
        Some(tuning) => Ok(client.call(tuning).await?),
        None => Ok(connected),
    }
}

pub async fn notices(cli: &Cli, dismiss: Option<i64>) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let notices = match dismiss {
        Some(notice) => client.call(DismissNotice { notice }).await,
        None => client.call(ListNotices {}).await,
    };
    client.close().await;
    output::print(cli.json, &notices?, |notices| words::notices(notices));
    Ok(DONE)
}

pub async fn gaps(cli: &Cli) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let gaps = client.call(ListGaps {}).await;
    client.close().await;
    output::print(cli.json, &gaps?, |gaps| words::gaps(gaps));
    Ok(DONE)
}

pub async fn policy(cli: &Cli, args: &args::Policy) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let changes = SetPolicy {
        consent_wait_ms: args.consent_wait,
        catch_up_ms: args.catch_up,
        relay_unpaired: args.relay_unpaired,
        ledger_kept_ms: args.keep_ledger,
    };
    let any = args.consent_wait.or(args.catch_up).or(args.keep_ledger);
    let policy = if any.is_some() || args.relay_unpaired.is_some() {
        client.call(changes).await
    } else {
        client.call(GetPolicy {}).await
    };
    client.close().await;
    output::print(cli.json, &policy?, words::policy);
    Ok(DONE)
}

pub async fn activity(cli: &Cli, args: &args::Activity) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let done = activity_with(cli, &client, args).await;
    client.close().await;
    done.map(|()| DONE)
}

async fn activity_with(cli: &Cli, client: &Client, args: &args::Activity) -> Result<(), Failed> {
    let entry = match &args.act {
        Some(args::ActivityAct::Retry { delivery }) => {
            client
                .call(RetryDelivery {
                    delivery: DeliveryId(*delivery),
                })
                .await?
        }
        Some(args::ActivityAct::Skip { delivery }) => {
            client
                .call(SkipDelivery {
                    delivery: DeliveryId(*delivery),
                })
                .await?
        }
        Some(args::ActivityAct::Resolve {
            delivery,
            resolution,
        }) => {
            let delivery = DeliveryId(*delivery);
            let resolution = match resolution {
                args::Resolution::Arrived => Resolution::Arrived,
                args::Resolution::SendAgain => Resolution::SendAgain,
            };
            client
                .call(ResolveDelivery {
                    delivery,
                    resolution,
                })
                .await?
        }
        Some(args::ActivityAct::Show { delivery }) => {
            let delivery = DeliveryId(*delivery);
            let details = client.call(GetDelivery { delivery }).await?;
            output::print(cli.json, &details, words::delivery);
            return Ok(());
        }
        Some(args::ActivityAct::Export) => return export::export(cli, client, args).await,
        None => return list_activity(cli, client, args).await,
    };
    output::print(cli.json, &entry, |entry| words::activity(entry).join("  "));
    Ok(())
}

async fn list_activity(cli: &Cli, client: &Client, args: &args::Activity) -> Result<(), Failed> {
    let list = ListActivity {
        filter: activity_filter(args),
        before: args.before.clone(),
        limit: Some(args.limit),
    };
    let page = client.call(list).await?;
    output::print(cli.json, &page, |page| {
        let rows: Vec<_> = page.entries.iter().map(words::activity).collect();
        output::table(
            &[
                "ID", "WHAT", "FROM", "TO", "ON", "AS", "STATE", "REASON", "TRIES",
            ],
            &rows,
        )
    });
    Ok(())
}

/// Which deliveries the arguments mean.
pub fn activity_filter(args: &args::Activity) -> ActivityFilter {
    ActivityFilter {
        state: args.state,
        reason: args.reason,
        platform: args.platform,
        person: args.person.clone(),
        of: None,
    }
}

/// Opens the folder that the arguments name.
pub async fn open(cli: &Cli, purpose: Purpose) -> Result<Client, Failed> {
    Ok(causeway_hub::open(Options {
        home: home(cli)?,
        key: key(cli),
        purpose,
    })
    .await?)
}

pub fn key(cli: &Cli) -> KeyChoice {
    match &cli.key_file {
        Some(path) => KeyChoice::File(path.clone()),
        None => KeyChoice::Automatic,
    }
}

pub fn home(cli: &Cli) -> Result<PathBuf, Failed> {
    cli.home
        .clone()
        .or_else(causeway_hub::default_home)
        .ok_or_else(|| {
            Failed::Usage(
                "The system names no place for data: give a folder with --home.".to_owned(),
            )
        })
}

/// Returns when the process is asked to stop.
pub async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
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

/// How it is used, where that was given.
fn tune_slack(args: &args::ConnectSlack) -> Option<TuneConnection> {
    args.pace.map(|pace| TuneConnection {
        platform: Platform::Slack,
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
