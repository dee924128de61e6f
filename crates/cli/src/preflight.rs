//! Whether the connections are as the hub needs them, and what is taken to the platforms' consoles.

use std::{path::Path, process::ExitCode};

use causeway_hub::{
    Client, Purpose,
    api::{
        CertificateView, FindingView, GetSlackManifest, MakeCertificate, PreflightReport,
        RunPreflight,
    },
};
use causeway_model::{Platform, Weight};

use crate::{args, args::Cli, commands::open, failure::Failed, output};

/// Something keeps the hub from doing all of its work.
const FOUND: u8 = 1;

pub async fn preflight(cli: &Cli, args: &args::Preflight) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let platform = args.platform;
    let reports = client.call(RunPreflight { platform }).await;
    client.close().await;
    let reports = reports?;
    let ok = reports.iter().all(|report| report.ok);
    output::print(cli.json, &reports, |reports| words(reports, args.all));
    Ok(match ok {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(FOUND),
    })
}

/// What the check of a platform that was just connected has found, for people.
pub async fn after_connecting(client: &Client, platform: Platform) -> Result<String, Failed> {
    let platform = Some(platform);
    let reports = client.call(RunPreflight { platform }).await?;
    Ok(words(&reports, false))
}

pub async fn manifest(cli: &Cli) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let view = client.call(GetSlackManifest {}).await;
    client.close().await;
    output::print(cli.json, &view?, |view| view.manifest.clone());
    Ok(ExitCode::SUCCESS)
}

pub async fn certificate(cli: &Cli, args: &args::Certificate) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let made = client.call(MakeCertificate {}).await;
    client.close().await;
    let made = made?;
    if let Some(file) = &args.out {
        std::fs::write(file, &made.pem)?;
    }
    output::print(cli.json, &made, |made| {
        made_words(made, args.out.as_deref())
    });
    Ok(ExitCode::SUCCESS)
}

fn made_words(made: &CertificateView, file: Option<&Path>) -> String {
    let until = made.not_after.minute_in_utc().unwrap_or_default();
    let what = match file {
        Some(file) => format!("The certificate is in {}.", file.display()),
        None => made.pem.trim_end().to_owned(),
    };
    format!(
        "{what}\nThumbprint {}, good until {until}. The private key stays with the hub.\n\
         Upload it in the app registration under Certificates & secrets > Certificates, then run \
         `causeway connect teams --certificate`.",
        made.thumbprint
    )
}

fn words(reports: &[PreflightReport], all: bool) -> String {
    if reports.is_empty() {
        return "No platform is connected yet: `causeway connect`.".to_owned();
    }
    let told: Vec<_> = reports.iter().map(|report| one(report, all)).collect();
    told.join("\n\n")
}

fn one(report: &PreflightReport, all: bool) -> String {
    let place = format!("{} ({})", report.platform.name(), report.name);
    let mut lines = vec![match report.findings.len() {
        0 => format!("{place}: everything that was checked is as it should be."),
        1 => format!("{place}: 1 finding."),
        count => format!("{place}: {count} findings."),
    }];
    lines.extend(report.findings.iter().map(finding));
    if all {
        let unknown = report.unknown.iter();
        lines.extend(unknown.map(|view| format!("  ? {}", view.message)));
        let passed = report.passed.iter();
        lines.extend(passed.map(|view| format!("  + {}", view.message)));
    } else {
        lines.push(format!(
            "  {} passed, {} could not be found out: --all lists them.",
            report.passed.len(),
            report.unknown.len()
        ));
    }
    lines.join("\n")
}

fn finding(found: &FindingView) -> String {
    let weight = match found.weight {
        Weight::Blocks => "!!",
        Weight::Limits => "! ",
        Weight::Advises => "i ",
    };
    let link = match &found.link {
        Some(link) => format!("\n     {link}"),
        None => String::new(),
    };
    format!(
        "  {weight} {}\n     {}\n     {}{link}",
        found.message, found.stops, found.action
    )
}
