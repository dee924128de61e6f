//! The demo's last line.

use std::collections::BTreeMap;

use causeway_model::{Mode, Platform};
use serde::Serialize;

use super::{judge::Seen, process::LedgerCounts, story::Story};
use crate::output::table;

#[derive(Debug, Serialize)]
pub struct Report {
    pub ok: bool,
    pub messages: Messages,
    pub prompts: Prompts,
    pub pairs: Vec<PairReport>,
    pub searchable: Searchable,
    /// How often the hub was killed and started again meanwhile.
    pub kills: u32,
}

#[derive(Debug, Default, Serialize)]
pub struct Messages {
    pub sent: u64,
    pub delivered: u64,
    pub lost: u64,
    pub duplicated: u64,
    pub out_of_order: u64,
    pub wrong_author: u64,
    pub uncertain: u64,
    pub late: u64,
    pub dead: u64,
}

#[derive(Debug, Serialize)]
pub struct Prompts {
    pub asked: u64,
    pub repeated: u64,
    pub unneeded: u64,
}

#[derive(Debug, Serialize)]
pub struct PairReport {
    pub from: String,
    pub to: String,
    /// Where the author works, and where the reader does.
    pub from_platform: Platform,
    pub to_platform: Platform,
    /// How the author is represented on the destination.
    pub mode: &'static str,
    pub rungs: Rungs,
    pub sent: u64,
    pub delivered: u64,
}

#[derive(Debug, Default, Serialize)]
pub struct Rungs {
    pub full: u64,
    pub guest: u64,
    pub app: u64,
}

#[derive(Debug, Serialize)]
pub struct Searchable {
    pub slack_on_teams: u64,
    pub teams_on_slack: u64,
}

impl Report {
    pub fn new(seen: &Seen, story: &Story, ledger: &LedgerCounts) -> Self {
        let messages = messages(seen, story, ledger);
        let ok = messages.sent > 0
            && messages.delivered == messages.sent
            && messages.lost + messages.duplicated + messages.out_of_order + messages.wrong_author
                == 0
            && messages.uncertain + messages.dead == 0
            && seen.is_complete()
            && seen.prompts.repeated + seen.prompts.unneeded == 0
            && seen.prompts.asked == story.to_be_asked();
        Self {
            ok,
            messages,
            prompts: Prompts {
                asked: seen.prompts.asked,
                repeated: seen.prompts.repeated,
                unneeded: seen.prompts.unneeded,
            },
            pairs: pairs(seen, story),
            searchable: Searchable {
                slack_on_teams: seen.slack_on_teams,
                teams_on_slack: seen.teams_on_slack,
            },
            kills: ledger.kills,
        }
    }
}

/// A message that its author deleted counts as delivered when nobody sees it any more.
fn messages(seen: &Seen, story: &Story, ledger: &LedgerCounts) -> Messages {
    let mut counts = Messages {
        sent: story.lines.len() as u64,
        out_of_order: seen.out_of_order,
        uncertain: ledger.uncertain,
        late: ledger.late,
        dead: ledger.dead,
        ..Messages::default()
    };
    for (line, fate) in story.lines.iter().zip(&seen.fates) {
        let arrived = if line.deleted {
            fate.up_to_date
        } else {
            fate.copies > 0
        };
        counts.delivered += u64::from(arrived);
        counts.lost += u64::from(!arrived);
        counts.duplicated += fate.copies.saturating_sub(1) + fate.echoes;
        counts.wrong_author += u64::from(fate.wrong_author);
    }
    counts
}

fn pairs(seen: &Seen, story: &Story) -> Vec<PairReport> {
    let mut by_pair: BTreeMap<(usize, bool), PairReport> = BTreeMap::new();
    for (line, fate) in story.lines.iter().zip(&seen.fates) {
        let (author, reader) = story.people(line);
        let report = by_pair
            .entry((line.pair, line.by_left))
            .or_insert_with(|| PairReport {
                from: author.email.clone(),
                to: reader.email.clone(),
                from_platform: author.home,
                to_platform: reader.home,
                mode: author.mode().word(),
                rungs: Rungs::default(),
                sent: 0,
                delivered: 0,
            });
        report.sent += 1;
        if line.deleted {
            report.delivered += u64::from(fate.up_to_date);
            continue;
        }
        report.delivered += u64::from(fate.copies > 0);
        if fate.copies > 0 && fate.as_themselves {
            match author.mode() {
                Mode::Guest => report.rungs.guest += 1,
                Mode::Full | Mode::App => report.rungs.full += 1,
            }
        } else if fate.copies > 0 {
            report.rungs.app += 1;
        }
    }
    by_pair.into_values().collect()
}

/// As what messages really arrived, e.g. `full 2, app 1`.
fn rungs_in_words(rungs: &Rungs) -> String {
    [
        ("full", rungs.full),
        ("guest", rungs.guest),
        ("app", rungs.app),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(rung, count)| format!("{rung} {count}"))
    .collect::<Vec<_>>()
    .join(", ")
}

pub fn words(report: &Report) -> String {
    let rows: Vec<_> = report
        .pairs
        .iter()
        .map(|pair| {
            vec![
                pair.from.clone(),
                pair.from_platform.word().to_owned(),
                pair.to.clone(),
                pair.to_platform.word().to_owned(),
                pair.mode.to_owned(),
                rungs_in_words(&pair.rungs),
                pair.sent.to_string(),
                pair.delivered.to_string(),
            ]
        })
        .collect();
    let table = table(
        &[
            "FROM",
            "ON",
            "TO",
            "ON",
            "PAIRED AS",
            "SEEN AS",
            "SENT",
            "SEEN",
        ],
        &rows,
    );
    let counts = &report.messages;
    let verdict = if report.ok {
        "Everything arrived, once, in order, under its author's name."
    } else {
        "NOT as it should be."
    };
    format!(
        "\n{table}\n\n{} written, {} seen, {} lost, {} twice, {} out of order, {} under a wrong name. \
         {} people were asked, {} of them again, and {} who need not be. The hub was killed and \
         started again in the middle ({} x).\n{verdict}",
        counts.sent,
        counts.delivered,
        counts.lost,
        counts.duplicated,
        counts.out_of_order,
        counts.wrong_author,
        report.prompts.asked,
        report.prompts.repeated,
        report.prompts.unneeded,
        report.kills,
    )
}
