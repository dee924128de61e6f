//! `causeway`: the headless face of the hub.

mod address;
mod args;
mod backup;
mod bench;
mod commands;
mod connecting;
mod connections;
mod demo;
mod duration;
mod export;
mod failure;
mod output;
mod passphrase;
mod people;
mod preflight;
mod service_sign_in;
mod words;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::Failed;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_standard_error(&cli.log);
    match run(&cli).await {
        Ok(code) => code,
        Err(failed) => {
            output::failure(&failed, cli.json);
            failed.exit_code()
        }
    }
}

async fn run(cli: &Cli) -> Result<ExitCode, Failed> {
    match &cli.command {
        Command::Demo(args) => demo::demo(cli, args).await,
        Command::Sandbox(args) => commands::sandbox(cli, args).await,
        Command::Run(args) => commands::run(cli, args).await,
        Command::Bench(args) => bench::bench(cli, args).await,
        Command::BenchSink(args) => bench::sink(args).await,
        Command::Status => commands::status(cli).await,
        Command::Connect(args) => connecting::connect(cli, args).await,
        Command::Disconnect(args) => connections::disconnect(cli, args).await,
        Command::Pause(args) => connections::set_paused(cli, args, true).await,
        Command::Resume(args) => connections::set_paused(cli, args, false).await,
        Command::People(args) => people::people(cli, args).await,
        Command::Activity(args) => commands::activity(cli, args).await,
        Command::Notices { dismiss } => commands::notices(cli, *dismiss).await,
        Command::Gaps => commands::gaps(cli).await,
        Command::Address(args) => address::address(cli, args).await,
        Command::Policy(args) => commands::policy(cli, args).await,
        Command::Preflight(args) => preflight::preflight(cli, args).await,
        Command::SlackManifest => preflight::manifest(cli).await,
        Command::Certificate(args) => preflight::certificate(cli, args).await,
        Command::Backup(args) => backup::backup(cli, args).await,
        Command::Restore(args) => backup::restore(cli, args).await,
    }
}

fn log_to_standard_error(level: &str) {
    // Only our own words: what libraries log at level debug may hold what people wrote.
    let filter = tracing_subscriber::EnvFilter::try_new(format!("error,causeway={level}"))
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
