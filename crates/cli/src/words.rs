//! What use cases gave, in words for people.

use causeway_hub::api::{
    ActivityEntry, BulkReport, ConnectionView, DecidedSuggestion, DeliveryDetails,
    DeviceSignInView, GapView, ImportReport, NoticeView, PairingPreview, PairingView, PeoplePage,
    PersonRef, PersonView, PolicyView, RelayRole, StatusReport, Suggestion, SuggestionPage,
};

use causeway_model::Timestamp;

use crate::{duration, output};

pub fn status(report: &StatusReport, notices: &[NoticeView]) -> String {
    let role = match report.role {
        RelayRole::Relaying if report.paused_since.is_some() => {
            "A relay runs in this folder, and is paused: `causeway resume`."
        }
        RelayRole::Relaying => "A relay runs in this folder.",
        RelayRole::Idle => "No relay runs in this folder.",
    };
    let connections: Vec<_> = report
        .connections
        .iter()
        .map(|view| connection(view, notices))
        .collect();
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

fn connection(view: &ConnectionView, notices: &[NoticeView]) -> String {
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
    let notices: String = notices
        .iter()
        .filter(|notice| notice.connection == view.id)
        .map(|notice| format!("\n  ! {}", notice.message))
        .collect();
    format!(
        "{} ({}): {}{detail}.{action}{notices}",
        view.platform.name(),
        view.name,
        health.state.word().replace('_', " ")
    )
}

pub fn people(page: &PeoplePage) -> String {
    let rows: Vec<_> = page.people.iter().map(person).collect();
    let table = output::table(&["ID", "NAME", "ADDRESS", "ACCOUNTS", "PAIRED"], &rows);
    let next = page
        .next
        .as_deref()
        .map(|next| format!("\nNext page: --after '{next}'"))
        .unwrap_or_default();
    format!("{table}\n{} people{next}", page.people.len())
}

fn person(person: &PersonView) -> Vec<String> {
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

pub fn pairing(pairing: &PairingView) -> String {
    format!(
        "{} works in {} and is represented in {}: {}. {}",
        pairing.person_name,
        pairing.primary.name(),
        pairing.secondary.name(),
        pairing.mode.word(),
        pairing.plain
    )
}

pub fn import(report: &ImportReport) -> String {
    let lines = report.connections.iter().map(|one| {
        format!(
            "{}: {} added, {} changed, {} unchanged, {} deactivated",
            one.platform.name(),
            one.added,
            one.changed,
            one.unchanged,
            one.deactivated
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub fn preview(preview: &PairingPreview) -> String {
    let mut lines: Vec<_> = preview
        .effects
        .iter()
        .map(|effect| match &effect.problem {
            Some(error) => format!(
                "! {}: {}{} [{}]",
                who(&effect.person, effect.name.as_deref()),
                effect.words,
                error
                    .action
                    .as_ref()
                    .map_or_else(String::new, |action| format!(" {action}")),
                error.code.word()
            ),
            None => effect.words.clone(),
        })
        .collect();
    let summary = preview.summary;
    lines.push(format!(
        "{} with their own account, {} as guests, {} through the app; {} will be asked, {} cannot \
         be paired like this.",
        summary.full, summary.guest, summary.app, summary.asked, summary.problems
    ));
    lines.join("\n")
}

pub fn bulk(report: &BulkReport) -> String {
    let paired = report.paired.iter().map(pairing);
    let failed = report.failed.iter().map(|failed| {
        let (error, who) = (&failed.error, who(&failed.person, None));
        format!("! {who}: {} [{}]", error.message, error.code.word())
    });
    let counts = format!(
        "{} paired, {} not.",
        report.paired.len(),
        report.failed.len()
    );
    paired
        .chain(failed)
        .chain([counts])
        .collect::<Vec<_>>()
        .join("\n")
}

/// Someone by name where it is known, else as they were given.
fn who(person: &PersonRef, name: Option<&str>) -> String {
    match (name, person) {
        (Some(name), _) => name.to_owned(),
        (None, PersonRef::Id(id)) => format!("person {id}"),
        (None, PersonRef::Named(given)) => given.clone(),
    }
}

pub fn suggestions(page: &SuggestionPage) -> String {
    let rows: Vec<_> = page.suggestions.iter().map(suggestion).collect();
    let table = output::table(
        &["ID", "NAME", "KIND", "PRIMARY", "SECONDARY", "WHAT"],
        &rows,
    );
    let next = page
        .next
        .as_deref()
        .map(|next| format!("\nNext page: --after '{next}'"))
        .unwrap_or_default();
    format!("{table}\n{} people could be paired{next}", page.total)
}

fn suggestion(suggestion: &Suggestion) -> Vec<String> {
    let platform = |platform: Option<causeway_model::Platform>| {
        platform
            .map_or("-", causeway_model::Platform::word)
            .to_owned()
    };
    let candidates: Vec<_> = suggestion
        .candidates
        .iter()
        .map(|account| account.id.to_string())
        .collect();
    let candidates = if candidates.is_empty() {
        String::new()
    } else {
        format!(" Accounts: {}.", candidates.join(", "))
    };
    vec![
        suggestion.person.to_string(),
        suggestion.name.clone(),
        suggestion.kind.word().to_owned(),
        platform(suggestion.primary),
        platform(suggestion.secondary),
        format!("{}{candidates}", suggestion.words),
    ]
}

pub fn decided(decided: &DecidedSuggestion) -> String {
    let name = &decided.name;
    match decided.aside.map(|aside| aside.until) {
        None => format!("{name} is suggested."),
        Some(None) => format!("{name} is not suggested any more."),
        Some(Some(until)) => format!("{name} is suggested again at {}.", moment(until)),
    }
}

pub fn sign_in(offer: &DeviceSignInView) -> String {
    format!(
        "Open {} in a private window, type {} and sign in as the guest.",
        offer.verification_uri, offer.user_code
    )
}

pub fn notices(notices: &[NoticeView]) -> String {
    if notices.is_empty() {
        return "Nothing that you should know of.".to_owned();
    }
    let lines = notices.iter().map(|notice| {
        let link = notice
            .link
            .as_deref()
            .map(|link| format!("\n  {link}"))
            .unwrap_or_default();
        format!(
            "{}. {} [{}]\n  {}{link}",
            notice.id,
            notice.message,
            notice.code.word(),
            notice.action
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub fn gaps(gaps: &[GapView]) -> String {
    if gaps.is_empty() {
        return "Nothing was missed that could not be read back.".to_owned();
    }
    let rows: Vec<_> = gaps
        .iter()
        .map(|gap| {
            let whose = match &gap.between[..] {
                [] => "everyone".to_owned(),
                people => people.join(" and "),
            };
            vec![
                gap.platform.word().to_owned(),
                whose,
                moment(gap.since),
                moment(gap.until),
                gap.code.clone(),
            ]
        })
        .collect();
    output::table(&["ON", "BETWEEN", "FROM", "UNTIL", "WHY"], &rows)
}

fn moment(at: Timestamp) -> String {
    at.minute_in_utc().unwrap_or_else(|| "-".to_owned())
}

pub fn policy(policy: &PolicyView) -> String {
    let wait = match policy.consent_wait_ms {
        0 => "Messages do not wait for their author's consent: they go through the app at once."
            .to_owned(),
        wait => format!(
            "Messages wait for their author's consent for {}, then go through the app.",
            duration::words(wait)
        ),
    };
    let unpaired = if policy.relay_unpaired {
        "People who are not paired are relayed through the app when they write to a paired person."
    } else {
        "People who are not paired are not relayed."
    };
    format!(
        "{wait}\nWhat was missed is caught up for {}.\n{unpaired}\nThe record of what was delivered \
         is kept for {}.",
        duration::words(policy.catch_up_ms),
        duration::words(policy.ledger_kept_ms),
    )
}

pub fn activity(entry: &ActivityEntry) -> Vec<String> {
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

pub fn delivery(details: &DeliveryDetails) -> String {
    let steps = details.timeline.iter().map(|step| {
        let at = step.at.map_or_else(|| "now".to_owned(), moment);
        vec![at, step.words.clone()]
    });
    output::table(&["WHEN", "WHAT"], &steps.collect::<Vec<_>>())
}
