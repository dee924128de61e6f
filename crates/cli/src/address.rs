//! Where the hub is reached from outside.

use std::process::ExitCode;

use causeway_hub::{
    Purpose,
    api::{AddressFrom, AddressView, CheckAddress, GetAddress, SetAddress},
};

use crate::{args, args::Cli, commands::open, failure::Failed, output};

pub async fn address(cli: &Cli, args: &args::Address) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    if args.check {
        let check = client.call(CheckAddress {}).await;
        client.close().await;
        output::print(cli.json, &check?, |check| check.words.clone());
        return Ok(ExitCode::SUCCESS);
    }
    let view = if args.clear || args.listen.is_some() {
        let listen = args.listen.map(|listen| listen.to_string());
        let public_url = args.public_url.clone();
        client.call(SetAddress { listen, public_url }).await
    } else {
        client.call(GetAddress {}).await
    };
    client.close().await;
    output::print(cli.json, &view?, words);
    Ok(ExitCode::SUCCESS)
}

fn words(view: &AddressView) -> String {
    let place = |listen: &str, public: Option<&str>| match public {
        Some(public) => format!("{public}, which leads to {listen}"),
        None => format!("{listen}, on this machine only"),
    };
    let used = match &view.in_use {
        Some(used) => {
            let from = match used.from {
                AddressFrom::CommandLine => "from the command line",
                AddressFrom::Settings => "as stored",
            };
            let place = place(&used.listen, used.public_url.as_deref());
            format!("The relay listens on {place} ({from}).")
        }
        None => "Nothing listens now.".to_owned(),
    };
    let stored = match &view.listen {
        Some(listen) => {
            let place = place(listen, view.public_url.as_deref());
            format!("Stored for the next start: {place}.")
        }
        None => "Nothing is stored for the next start.".to_owned(),
    };
    let problem = view
        .problem
        .as_deref()
        .map(|problem| format!("\n{problem}"));
    let urls = view.request_urls.iter().map(|to_be_told| {
        let platform = to_be_told.platform.name();
        format!("\n{platform}, {}: {}", to_be_told.page, to_be_told.url)
    });
    let urls: String = urls.collect();
    format!("{used}\n{stored}{}{urls}", problem.unwrap_or_default())
}
