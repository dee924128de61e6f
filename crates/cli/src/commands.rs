//! The commands other than the demo: each one use case and its words.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use anyhow::Context;
use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{
        ActivityEntry, ConnectSlack, ConnectTeams, ConnectionView, GetStatus, ImportPeople,
        ListActivity, ListPeople, PairPerson, PairingView, PersonRef, PersonView, RelayRole,
        RetryDelivery, SecondaryWish, SkipDelivery, StatusReport, SyncState, UnpairPerson,
    },
};
use causeway_model::{DeliveryId, PersonId};
use serde_json::json;

use crate::{
    args::{self, Cli},
    failure::Failed,
    output,
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
    let report = client.call(GetStatus {}).await?;
    client.close().await;
    output::print(cli.json, &report, status_words);
    Ok(DONE)
}

pub async fn connect(cli: &Cli, args: &args::Connect) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let connected = match args {
        args::Connect::Slack(args) => client.call(slack(args)?).await,
        args::Connect::Teams(args) => client.call(teams(args)?).await,
    };
    client.close().await;
    output::print(cli.json, &connected?, |view| {
        format!("{} ({}) is connected.", view.platform.name(), view.name)
    });
    Ok(DONE)
}

pub async fn people(cli: &Cli, args: &args::People) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let done = people_with(cli, &client, args).await;
    client.close().await;
    done.map(|()| DONE)
}

async fn people_with(cli: &Cli, client: &Client, args: &args::People) -> Result<(), Failed> {
    match args {
        args::People::List {
            search,
            state,
            after,
            limit,
        } => {
            let state = match state {
                args::SyncState::Any => SyncState::Any,
                args::SyncState::Paired => SyncState::Paired,
                args::SyncState::Unpaired => SyncState::Unpaired,
            };
            let (search, after) = (search.clone(), after.clone());
            let list = ListPeople {
                search,
                state,
                after,
                limit: Some(*limit),
            };
            let page = client.call(list).await?;
            output::print(cli.json, &page, |page| {
                let rows: Vec<_> = page.people.iter().map(person_row).collect();
                let table = output::table(&["ID", "NAME", "ADDRESS", "ACCOUNTS", "PAIRED"], &rows);
                format!("{table}\n{} people", page.total)
            });
        }
        args::People::Import => {
            let report = client.call(ImportPeople::default()).await?;
            output::print(cli.json, &report, |report| {
                let line = |one: &causeway_hub::api::ImportedConnection| {
                    format!(
                        "{}: {} added, {} changed, {} unchanged, {} deactivated",
                        one.platform.name(),
                        one.added,
                        one.changed,
                        one.unchanged,
                        one.deactivated
                    )
                };
                report
                    .connections
                    .iter()
                    .map(line)
                    .collect::<Vec<_>>()
                    .join("\n")
            });
        }
        args::People::Pair {
            person,
            primary,
            secondary,
            mode,
        } => {
            let wish = match mode {
                args::Wish::Full => SecondaryWish::Full,
                args::Wish::App => SecondaryWish::App,
                args::Wish::Best => SecondaryWish::Best,
            };
            let pair = PairPerson {
                person: person_ref(person),
                primary: *primary,
                secondary: *secondary,
                wish,
            };
            let pairing = client.call(pair).await?;
            output::print(cli.json, &pairing, pairing_words);
        }
        args::People::Unpair { person, secondary } => {
            let unpair = UnpairPerson {
                person: person_ref(person),
                secondary: *secondary,
            };
            let report = client.call(unpair).await?;
            output::print(cli.json, &report, |report| {
                format!(
                    "{} pairings ended; {} waiting deliveries are not sent any more.",
                    report.pairings_ended, report.deliveries_cancelled
                )
            });
        }
    }
    Ok(())
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
        None => return list_activity(cli, client, args).await,
    };
    output::print(cli.json, &entry, |entry| activity_row(entry).join("  "));
    Ok(())
}

async fn list_activity(cli: &Cli, client: &Client, args: &args::Activity) -> Result<(), Failed> {
    let list = ListActivity {
        state: args.state,
        platform: args.platform,
        person: args.person.clone(),
        before: args.before.clone(),
        limit: Some(args.limit),
    };
    let page = client.call(list).await?;
    output::print(cli.json, &page, |page| {
        let rows: Vec<_> = page.entries.iter().map(activity_row).collect();
        output::table(
            &[
                "ID", "WHAT", "FROM", "TO", "ON", "AS", "STATE", "REASON", "TRIES",
            ],
            &rows,
        )
    });
    Ok(())
}

/// Opens the folder that the arguments name.
pub async fn open(cli: &Cli, purpose: Purpose) -> Result<Client, Failed> {
    let key = match &cli.key_file {
        Some(path) => KeyChoice::File(path.clone()),
        None => KeyChoice::Automatic,
    };
    Ok(causeway_hub::open(Options {
        home: home(cli)?,
        key,
        purpose,
    })
    .await?)
}

fn home(cli: &Cli) -> Result<PathBuf, Failed> {
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
async fn stopped() {
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
        user_tokens: owned_tokens(&args.user_tokens)?,
    })
}

fn teams(args: &args::ConnectTeams) -> Result<ConnectTeams, Failed> {
    Ok(ConnectTeams {
        graph_url: args.graph_url.clone(),
        login_url: args.login_url.clone(),
        tenant: args.tenant.clone(),
        client_id: args.client_id.clone(),
        client_secret: args.client_secret.clone(),
        service_account: args.service_account.clone(),
        service_account_refresh_token: args.service_account_refresh_token.clone(),
        refresh_tokens: owned_tokens(&args.refresh_tokens)?,
        poll_every_ms: args.poll_ms,
    })
}

fn owned_tokens(pairs: &[String]) -> Result<BTreeMap<String, String>, Failed> {
    pairs
        .iter()
        .map(|pair| {
            let (owner, token) = pair.split_once('=').ok_or_else(|| {
                // What was given may be a token by itself: it is not repeated.
                Failed::Usage("A person's token is given as ADDRESS=TOKEN.".to_owned())
            })?;
            Ok((owner.trim().to_owned(), token.trim().to_owned()))
        })
        .collect()
}

fn person_ref(text: &str) -> PersonRef {
    match text.parse() {
        Ok(id) => PersonRef::Id(PersonId(id)),
        Err(_) => PersonRef::Named(text.to_owned()),
    }
}

fn status_words(report: &StatusReport) -> String {
    let role = match report.role {
        RelayRole::Relaying => "A relay runs in this folder.",
        RelayRole::Idle => "No relay runs in this folder.",
    };
    let connections: Vec<_> = report.connections.iter().map(connection_words).collect();
    let connections = if connections.is_empty() {
        "No platform is connected yet: `causeway connect`.".to_owned()
    } else {
        connections.join("\n")
    };
    let counts = report.deliveries;
    format!(
        "{role}\n{connections}\n{} people paired. Deliveries: {} delivered, {} queued, {} being sent, \
         {} waiting for a person, {} uncertain, {} dead.",
        report.paired_people,
        counts.delivered,
        counts.queued,
        counts.sending,
        counts.waiting_for_person,
        counts.uncertain,
        counts.dead
    )
}

fn connection_words(view: &ConnectionView) -> String {
    let health = &view.health;
    let detail = health
        .detail
        .as_deref()
        .map(|detail| format!(" ({detail})"))
        .unwrap_or_default();
    let action = view
        .action
        .as_deref()
        .map(|action| format!(" {action}"))
        .unwrap_or_default();
    format!(
        "{} ({}): {}{detail}.{action}",
        view.platform.name(),
        view.name,
        health.state.word().replace('_', " ")
    )
}

fn person_row(person: &PersonView) -> Vec<String> {
    let accounts: Vec<_> = person
        .accounts
        .iter()
        .map(|account| {
            let mark = match (account.active, account.authorised) {
                (false, _) => " (off)",
                (true, true) => "*",
                (true, false) => "",
            };
            format!("{}{mark}", account.platform.word())
        })
        .collect();
    let pairings: Vec<_> = person.pairings.iter().map(short_pairing).collect();
    vec![
        person.id.to_string(),
        person.name.clone(),
        person.email.clone().unwrap_or_default(),
        accounts.join(", "),
        pairings.join(", "),
    ]
}

fn short_pairing(pairing: &PairingView) -> String {
    format!(
        "{} → {} as {}",
        pairing.primary.word(),
        pairing.secondary.word(),
        pairing.mode.word()
    )
}

fn pairing_words(pairing: &PairingView) -> String {
    format!(
        "{} works in {} and is represented in {}: {}. Messages go out as {}.",
        pairing.person_name,
        pairing.primary.name(),
        pairing.secondary.name(),
        pairing.mode.word(),
        pairing.speaks_as.word()
    )
}

fn activity_row(entry: &ActivityEntry) -> Vec<String> {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    vec![
        entry.id.to_string(),
        entry.operation.word().to_owned(),
        or_dash(entry.author.as_deref()),
        or_dash(entry.to.as_deref()),
        entry.to_platform.word().to_owned(),
        or_dash(entry.rung.map(causeway_model::Rung::word)),
        entry.state.word().to_owned(),
        or_dash(entry.reason.map(causeway_model::Reason::word)),
        entry.attempts.to_string(),
    ]
}
