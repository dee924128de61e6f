//! Commands about connections that stand.

use std::process::ExitCode;

use causeway_hub::{
    Purpose,
    api::{Disconnect, DisconnectEffect, PreviewDisconnect, SetPaused, StatusReport},
};

use crate::{args, args::Cli, commands::open, failure::Failed, output};

pub async fn set_paused(cli: &Cli, args: &args::Pausing, paused: bool) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let platform = args.platform;
    let report = client.call(SetPaused { platform, paused }).await;
    client.close().await;
    output::print(cli.json, &report?, |report| paused_words(report, args));
    Ok(ExitCode::SUCCESS)
}

pub async fn disconnect(cli: &Cli, args: &args::Disconnect) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let platform = args.platform;
    let effect = if args.yes {
        client.call(Disconnect { platform }).await
    } else {
        client.call(PreviewDisconnect { platform }).await
    };
    client.close().await;
    output::print(cli.json, &effect?, |effect| {
        disconnect_words(effect, args.yes)
    });
    Ok(ExitCode::SUCCESS)
}

fn disconnect_words(effect: &DisconnectEffect, done: bool) -> String {
    let place = format!("{} ({})", effect.platform.name(), effect.name);
    if done {
        return format!(
            "{place} is disconnected. Pairings ended: {}. Deliveries that are not sent any more: {}.",
            effect.pairings, effect.unsent
        );
    }
    format!(
        "If {place} is disconnected:\n  {}\nNothing has been changed. To do it: add --yes.",
        effect.words.join("\n  ")
    )
}

/// What is so now: a pause of the one goes on under a resumed other.
fn paused_words(report: &StatusReport, args: &args::Pausing) -> String {
    let queued = report.deliveries.queued;
    if report.paused_since.is_some() {
        return format!("The relay is paused: nothing is sent anywhere. {queued} deliveries wait.");
    }
    let paused: Vec<_> = report
        .connections
        .iter()
        .filter(|view| view.paused_since.is_some())
        .map(|view| view.platform.name())
        .collect();
    match (paused.as_slice(), args.platform) {
        ([], _) => "Everything is sent again.".to_owned(),
        (paused, Some(platform)) if !paused.contains(&platform.name()) => {
            format!(
                "{} is sent to again. Still paused: {}.",
                platform.name(),
                paused.join(", ")
            )
        }
        (paused, _) => format!("Paused: nothing is sent to {}.", paused.join(", ")),
    }
}
