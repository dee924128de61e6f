//! The ledger as a file for other programs: who, when, where, what became of it, and a link to the
//! message in the platform's own app. Never text.

use std::io::{self, Write};

use causeway_hub::{
    Client,
    api::{ActivityEntry, ListActivity},
};
use causeway_model::{Platform, Reason, Rung, Timestamp};

use crate::{
    args::{Activity, Cli},
    failure::Failed,
};

/// Entries that are asked for at once.
const PAGE: u32 = 500;

const COLUMNS: [&str; 16] = [
    "id",
    "operation",
    "state",
    "reason",
    "author",
    "to",
    "from_platform",
    "to_platform",
    "sent_as",
    "attempts",
    "late",
    "written_at",
    "received_at",
    "sent_at",
    "settled_at",
    "permalink",
];

/// Writes everything that the arguments ask for to standard output, the newest first.
pub async fn export(cli: &Cli, client: &Client, args: &Activity) -> Result<(), Failed> {
    let mut sheet = Sheet::begin(cli.json)?;
    let mut before = args.before.clone();
    loop {
        let list = ListActivity {
            state: args.state,
            platform: args.platform,
            person: args.person.clone(),
            before,
            limit: Some(PAGE),
        };
        let page = client.call(list).await?;
        for entry in &page.entries {
            sheet.put(entry)?;
        }
        before = page.next;
        if before.is_none() {
            return sheet.end();
        }
    }
}

enum Sheet {
    Csv(Box<csv::Writer<io::Stdout>>),
    Lines(io::Stdout),
}

impl Sheet {
    fn begin(json: bool) -> Result<Self, Failed> {
        if json {
            return Ok(Self::Lines(io::stdout()));
        }
        let mut writer = csv::Writer::from_writer(io::stdout());
        writer.write_record(COLUMNS).map_err(io::Error::from)?;
        Ok(Self::Csv(Box::new(writer)))
    }

    fn put(&mut self, entry: &ActivityEntry) -> Result<(), Failed> {
        match self {
            Self::Csv(writer) => writer
                .write_record(record(entry))
                .map_err(io::Error::from)?,
            Self::Lines(out) => {
                let line = serde_json::to_string(entry).map_err(io::Error::from)?;
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }

    fn end(self) -> Result<(), Failed> {
        match self {
            Self::Csv(mut writer) => writer.flush()?,
            Self::Lines(mut out) => out.flush()?,
        }
        Ok(())
    }
}

fn record(entry: &ActivityEntry) -> [String; 16] {
    let word = |platform: Option<Platform>| platform.map_or("", Platform::word).to_owned();
    [
        entry.id.to_string(),
        entry.operation.word().to_owned(),
        entry.state.word().to_owned(),
        entry.reason.map_or("", Reason::word).to_owned(),
        harmless(entry.author.as_deref()),
        harmless(entry.to.as_deref()),
        word(entry.from_platform),
        word(Some(entry.to_platform)),
        entry.rung.map_or("", Rung::word).to_owned(),
        entry.attempts.to_string(),
        entry.late.to_string(),
        moment(Some(entry.written_at)),
        moment(Some(entry.received_at)),
        moment(entry.sent_at),
        moment(entry.settled_at),
        entry.permalink.clone().unwrap_or_default(),
    ]
}

/// A name that a spreadsheet would take for a formula is made text.
fn harmless(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    match name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{name}"),
        false => name.to_owned(),
    }
}

/// As RFC 3339 writes it, in UTC.
fn moment(at: Option<Timestamp>) -> String {
    at.and_then(|at| jiff::Timestamp::from_millisecond(at.0).ok())
        .map(|at| at.to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula() {
        assert_eq!(harmless(Some("=1+1")), "'=1+1");
        assert_eq!(harmless(Some("Ann \"Lee\", Acme")), "Ann \"Lee\", Acme");
        assert_eq!(harmless(None), "");
    }

    #[test]
    fn times_are_written_as_other_programs_read_them() {
        assert_eq!(
            moment(Some(Timestamp(1_700_000_000_123))),
            "2023-11-14T22:13:20.123Z"
        );
        assert_eq!(moment(None), "");
    }
}
