//! Making a backup, and making a hub of one.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use causeway_hub::{
    Purpose,
    api::{Backup, BackupReport, GetRestore, KeyPlace, RestoreReport, RestoreStatus},
};
use causeway_model::Timestamp;

use crate::{
    args::{self, Cli},
    commands::{home, key, open},
    failure::Failed,
    output,
    passphrase::{Asked, passphrase},
};

pub async fn backup(cli: &Cli, args: &args::Backup) -> Result<ExitCode, Failed> {
    let file = whole_path(&args.file)?;
    let passphrase = passphrase(args.passphrase_file.as_deref(), Asked::Twice)?;
    let client = open(cli, Purpose::Manage).await?;
    let report = client
        .call(Backup {
            file,
            passphrase,
            overwrite: args.force,
        })
        .await;
    client.close().await;
    output::print(cli.json, &report?, made);
    Ok(ExitCode::SUCCESS)
}

/// The hub may run elsewhere, and would take a path from there.
fn whole_path(file: &Path) -> Result<String, Failed> {
    let whole = std::path::absolute(file).context("the backup's path is none")?;
    let text = whole.to_str().map(str::to_owned);
    text.ok_or_else(|| {
        Failed::Usage("The path of the backup is not written in Unicode.".to_owned())
    })
}

pub async fn restore(cli: &Cli, args: &args::Restore) -> Result<ExitCode, Failed> {
    let Some(file) = &args.file else {
        let client = open(cli, Purpose::Manage).await?;
        let status = client.call(GetRestore {}).await;
        client.close().await;
        output::print(cli.json, &status?, standing);
        return Ok(ExitCode::SUCCESS);
    };
    let report = causeway_hub::restore(causeway_hub::Restore {
        file: file.clone(),
        passphrase: passphrase(args.passphrase_file.as_deref(), Asked::Once)?,
        home: home(cli)?,
        key: key(cli),
    })
    .await?;
    output::print(cli.json, &report, restored);
    Ok(ExitCode::SUCCESS)
}

fn made(report: &BackupReport) -> String {
    format!(
        "{} holds everything up to {} ({} bytes). Keep its passphrase elsewhere: without it nobody \
         can open it.",
        report.file,
        minute(report.made_at),
        report.bytes
    )
}

fn restored(report: &RestoreReport) -> String {
    let key = match report.key {
        KeyPlace::Keychain => "the keychain",
        KeyPlace::KeyFile => "a key file",
    };
    format!(
        "{} is the hub of {} again, with its key in {key}. Deliveries that had not ended then: {}.\n\
         It is paused. Make sure that the hub of before never starts again; then `causeway run`, \
         `causeway restore` for who must sign in again, and `causeway resume`.",
        report.home,
        minute(report.made_at),
        report.unsettled
    )
}

fn standing(status: &RestoreStatus) -> String {
    let Some(restored) = status.restored else {
        return "This hub was not made from a backup.".to_owned();
    };
    let resumed = match restored.resumed_at {
        Some(at) => format!("It has been sending since {}.", minute(at)),
        None => "It is paused, and was never resumed: `causeway resume`.".to_owned(),
    };
    let connections = status.connections.iter().map(|view| {
        format!(
            "  ! {} ({}): connect it again.",
            view.platform.name(),
            view.name
        )
    });
    let people = status.people.iter().map(|who| {
        format!(
            "  ! {}: must sign in to {} again (`causeway people ask {}`).",
            who.name,
            who.platform.name(),
            who.person
        )
    });
    let again: Vec<_> = connections.chain(people).collect();
    let again = match again.as_slice() {
        [] => "No sign-in of the backup has been refused so far.".to_owned(),
        lines => format!("Refused since then:\n{}", lines.join("\n")),
    };
    format!(
        "Restored at {} from a backup of {}. {resumed}\n{again}",
        minute(restored.restored_at),
        minute(restored.made_at)
    )
}

fn minute(at: Timestamp) -> String {
    at.minute_in_utc().unwrap_or_else(|| "-".to_owned())
}
