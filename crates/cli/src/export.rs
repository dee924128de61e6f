//! The ledger on standard output, for other programs.

use std::io;

use causeway_hub::{
    Client,
    api::{ListActivity, SheetFormat},
    sheet::Sheet,
};

use crate::{
    args::{Activity, Cli},
    commands::activity_filter,
    failure::Failed,
};

/// Entries that are asked for at once.
const PAGE: u32 = 500;

/// Writes everything that the arguments ask for, the newest first.
pub async fn export(cli: &Cli, client: &Client, args: &Activity) -> Result<(), Failed> {
    let format = match cli.json {
        true => SheetFormat::JsonLines,
        false => SheetFormat::Csv,
    };
    let mut sheet = Sheet::begin(format, io::stdout())?;
    let mut before = args.before.clone();
    loop {
        let list = ListActivity {
            filter: activity_filter(args),
            before,
            limit: Some(PAGE),
        };
        let page = client.call(list).await?;
        for entry in &page.entries {
            sheet.put(entry)?;
        }
        before = page.next;
        if before.is_none() {
            return Ok(sheet.end()?);
        }
    }
}
