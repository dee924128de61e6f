//! The ledger as a file for other programs: who, when, where, what became of it, and a link to the
//! message in the platform's own app. Never text.

use std::io::{self, Write};

use causeway_model::{Platform, Reason, Rung, Timestamp};

use crate::api::{ActivityEntry, SheetFormat};

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

/// Deliveries as rows, a line each.
pub struct Sheet<W: Write>(Form<W>);

enum Form<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Lines(W),
}

impl<W: Write> Sheet<W> {
    /// Begins a sheet, with its column names where the format has any.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn begin(format: SheetFormat, to: W) -> io::Result<Self> {
        Ok(Self(match format {
            SheetFormat::JsonLines => Form::Lines(to),
            SheetFormat::Csv => {
                let mut writer = csv::Writer::from_writer(to);
                writer.write_record(COLUMNS)?;
                Form::Csv(Box::new(writer))
            }
        }))
    }

    /// # Errors
    /// Those of where it is written to.
    pub fn put(&mut self, entry: &ActivityEntry) -> io::Result<()> {
        match &mut self.0 {
            Form::Csv(writer) => writer.write_record(record(entry))?,
            Form::Lines(to) => writeln!(to, "{}", serde_json::to_string(entry)?)?,
        }
        Ok(())
    }

    /// # Errors
    /// Those of where it is written to.
    pub fn end(self) -> io::Result<()> {
        match self.0 {
            Form::Csv(mut writer) => writer.flush(),
            Form::Lines(mut to) => to.flush(),
        }
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
