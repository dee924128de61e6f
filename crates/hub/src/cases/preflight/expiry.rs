//! How long the app's own credentials and sign-ins are good, as far as that is known; told in time,
//! and again as the end comes nearer.

use causeway_model::{Check, CheckCode, ConnectionId, Timestamp};
use causeway_store::{ConnectionRow, NoticeRow, Reader, StoreError, Tx};

use crate::{
    Hub,
    api::{HubError, NoticeCode},
    cases::certificate,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// From how many days before the end on an administrator is told, each once.
const TOLD_DAYS: [i64; 3] = [14, 7, 1];
/// Where a connection's settings hold when its secret ends, as the administrator has said.
pub(in crate::cases) const SECRET_ENDS: &str = "secret_ends_at";

/// What is left of what has ended.
pub(super) const OVER: &str = "over";
/// Whose sign-in a check is about, where it is that of the app which makes guests.
pub(super) const GUEST_ISSUER: &str = "guest_issuer";

/// Something of the app's own that ends.
struct Ending {
    code: CheckCode,
    subject: Option<String>,
    days_left: i64,
}

pub(super) async fn checks(hub: &Hub, row: &ConnectionRow) -> Result<Vec<Check>, HubError> {
    let now = hub.engine.clock().now();
    let id = row.connection.id;
    let their_pace = pace(row);
    let secret_ends = row.settings[SECRET_ENDS].as_i64();
    let (endings, people) = hub
        .read(move |reader| {
            let mut endings = credentials(reader, id, secret_ends, now)?;
            endings.extend(own_sign_ins(reader, id, now, their_pace)?);
            Ok((endings, people(reader, id, now, their_pace)?))
        })
        .await?;
    let nearest = endings.iter().map(|ending| ending.days_left).min();
    note(hub, row, nearest, now).await?;
    Ok(endings.into_iter().map(check).chain(people).collect())
}

/// Secrets and certificates are dated by our clock, whatever clock they are used by.
fn credentials(
    reader: &Reader<'_>,
    id: ConnectionId,
    secret_ends: Option<i64>,
    now: Timestamp,
) -> Result<Vec<Ending>, StoreError> {
    let certificate = certificate::of_connection(reader, id)?;
    let found = match (certificate, secret_ends) {
        (Some(certificate), _) => Some((CheckCode::CertificateExpiry, certificate.not_after())),
        (None, Some(ends)) => Some((CheckCode::SecretExpiry, Timestamp(ends))),
        (None, None) => None,
    };
    let endings = found.into_iter().map(|(code, ends)| Ending {
        code,
        subject: None,
        days_left: days_left(ends, now, 1.0),
    });
    Ok(endings.collect())
}

fn own_sign_ins(
    reader: &Reader<'_>,
    id: ConnectionId,
    now: Timestamp,
    pace: f64,
) -> Result<Vec<Ending>, StoreError> {
    let found = reader.own_sign_in_ends(id)?.into_iter();
    let endings = found.map(|(owner, ends)| Ending {
        code: CheckCode::OwnSignInExpiry,
        subject: Some(owner),
        days_left: days_left(ends, now, pace),
    });
    Ok(endings.collect())
}

/// One finding, however many they are; none where the end of no sign-in is known.
fn people(
    reader: &Reader<'_>,
    id: ConnectionId,
    now: Timestamp,
    pace: f64,
) -> Result<Option<Check>, StoreError> {
    let told_ms = (TOLD_DAYS[0] + 1) * DAY_MS;
    let told = now.plus_ms((told_ms as f64 / pace) as i64);
    let found = reader.sign_ins_ending_before(id, told)?;
    let code = CheckCode::PeopleSignInExpiry;
    Ok(match (found.known, found.ending) {
        (0, _) => None,
        (_, 0) => Some(Check::passed(code)),
        (_, ending) => Some(Check::failed(code, ending.to_string())),
    })
}

/// How many times faster than ours the platform's clock runs: 1 except for a stand-in.
fn pace(row: &ConnectionRow) -> f64 {
    let pace = row.settings["pace"].as_f64();
    pace.filter(|pace| *pace > 0.0).unwrap_or(1.0)
}

fn check(ending: Ending) -> Check {
    let check = match step(ending.days_left) {
        None => Check::passed(ending.code),
        Some(_) => Check::failed(ending.code, in_days(ending.days_left)),
    };
    match ending.subject {
        Some(subject) => check.about(subject),
        None => check,
    }
}

/// Whole days of a clock of this pace, rounded down; less than none once it is over.
fn days_left(ends: Timestamp, now: Timestamp, pace: f64) -> i64 {
    let left = ends.ms_since(now) as f64 * pace;
    (left / DAY_MS as f64).floor() as i64
}

/// Which of the warnings is due: the nearest of the days that are told, 0 once it is over.
fn step(days: i64) -> Option<i64> {
    if days < 0 {
        return Some(0);
    }
    TOLD_DAYS.into_iter().rev().find(|told| days <= *told)
}

fn in_days(days: i64) -> String {
    match days {
        ..0 => OVER.to_owned(),
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// The notice comes back at each step, whether or not it was dismissed at the one before.
async fn note(
    hub: &Hub,
    row: &ConnectionRow,
    days_left: Option<i64>,
    now: Timestamp,
) -> Result<(), HubError> {
    let id = row.connection.id;
    let due = days_left.and_then(|days| Some((step(days)?, days)));
    hub.write(move |tx| {
        let name = format!("credential_step:{id}");
        let code = NoticeCode::CredentialEnds.word();
        let Some((step, days)) = due else {
            tx.meta_remove(&name)?;
            return tx.clear_notice(id, code, None);
        };
        if told(tx, &name)? == Some(step) {
            return Ok(());
        }
        tx.meta_set(&name, &step.to_string())?;
        tx.put_notice(&NoticeRow {
            id: 0,
            connection: id,
            code: code.to_owned(),
            person: None,
            detail: Some(in_days(days)),
            at: now,
        })
    })
    .await
}

fn told(tx: &Tx<'_>, name: &str) -> Result<Option<i64>, StoreError> {
    Ok(tx.meta_get(name)?.and_then(|step| step.parse().ok()))
}

#[cfg(test)]
mod tests {
    use causeway_connectors::TokenOwner;
    use causeway_engine::owner_word;

    use super::*;

    #[test]
    fn warnings_come_two_weeks_one_week_and_one_day_ahead() {
        let due: Vec<_> = [15, 14, 8, 7, 2, 1, 0, -1].map(step).to_vec();
        let expected = [
            None,
            Some(14),
            Some(14),
            Some(7),
            Some(7),
            Some(1),
            Some(1),
            Some(0),
        ];
        assert_eq!(due, expected);
    }

    #[test]
    fn the_app_that_makes_guests_is_called_as_its_token_is_kept() {
        assert_eq!(owner_word(&TokenOwner::GuestIssuer), GUEST_ISSUER);
    }

    #[test]
    fn what_is_left_is_said_in_whole_days() {
        let now = Timestamp(0);
        let left = |ms| in_days(days_left(Timestamp(ms), now, 1.0));
        assert_eq!(left(3 * DAY_MS + 5), "3 days");
        assert_eq!(left(DAY_MS), "1 day");
        assert_eq!(left(DAY_MS - 1), "less than a day");
        assert_eq!(left(-1), "over");
        assert_eq!(days_left(Timestamp(DAY_MS), now, 60.0), 60);
    }
}
