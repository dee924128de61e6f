//! The commands other than the demo and those about people: each one use case.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{
        ActivityFilter, DismissNotice, GetDelivery, GetPolicy, GetStatus, ListActivity, ListGaps,
        ListNotices, Resolution, ResolveDelivery, RetryDelivery, SetPolicy, SkipDelivery,
    },
};
use causeway_model::DeliveryId;
use serde_json::json;

use crate::{
    args::{self, Cli},
    export,
    failure::Failed,
    output, words,
};

pub const DONE: ExitCode = ExitCode::SUCCESS;

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
