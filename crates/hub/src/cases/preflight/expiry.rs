//! How long the app's own credentials are good, as far as that is known; told in time, and again as
//! the end comes nearer.

use causeway_model::{Check, CheckCode, Timestamp};
use causeway_store::{ConnectionRow, NoticeRow, StoreError, Tx};

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

pub(super) async fn checks(hub: &Hub, row: &ConnectionRow) -> Result<Vec<Check>, HubError> {
    let id = row.connection.id;
    let certificate = hub
        .read(move |reader| certificate::of_connection(reader, id))
        .await?;
    let now = hub.engine.clock().now();
    let mut checks = Vec::new();
    if let Some(certificate) = certificate {
        let ends = certificate.not_after();
        checks.push((CheckCode::CertificateExpiry, ends));
    } else if let Some(ends) = row.settings[SECRET_ENDS].as_i64() {
        checks.push((CheckCode::SecretExpiry, Timestamp(ends)));
    }
    let nearest = checks.iter().map(|(_, ends)| *ends).min();
    note(hub, row, nearest, now).await?;
    let checks = checks.into_iter();
    Ok(checks.map(|(code, ends)| check(code, ends, now)).collect())
}

fn check(code: CheckCode, ends: Timestamp, now: Timestamp) -> Check {
    let days = days_left(ends, now);
    match step(days) {
        None => Check::passed(code),
        Some(_) => Check::failed(code, in_days(days)),
    }
}

/// Whole days, rounded down; less than none once it is over.
fn days_left(ends: Timestamp, now: Timestamp) -> i64 {
    ends.ms_since(now).div_euclid(DAY_MS)
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
        ..0 => "over".to_owned(),
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// The notice comes back at each step, whether or not it was dismissed at the one before.
async fn note(
    hub: &Hub,
    row: &ConnectionRow,
    ends: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), HubError> {
    let id = row.connection.id;
    let due = ends.and_then(|ends| Some((step(days_left(ends, now))?, days_left(ends, now))));
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
    fn what_is_left_is_said_in_whole_days() {
        let now = Timestamp(0);
        let left = |ms| in_days(days_left(Timestamp(ms), now));
        assert_eq!(left(3 * DAY_MS + 5), "3 days");
        assert_eq!(left(DAY_MS), "1 day");
        assert_eq!(left(DAY_MS - 1), "less than a day");
        assert_eq!(left(-1), "over");
    }
}
