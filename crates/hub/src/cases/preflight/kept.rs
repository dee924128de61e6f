//! What the last checks found, beside the connection; and the notice of it.

use causeway_model::{Check, ConnectionId, Outcome, Timestamp};
use causeway_store::{ConnectionRow, NoticeRow, Reader, StoreError};
use serde::{Deserialize, Serialize};

use super::{keeps_from_working, words};
use crate::{
    Hub,
    api::{HubError, NoticeCode, PassedView, PreflightReport, UnknownView},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// When everything was checked last.
    at: Timestamp,
    checks: Vec<Check>,
}

impl Kept {
    pub(super) fn of(hub: &Hub, checks: Vec<Check>) -> Self {
        Self {
            at: hub.engine.clock().now(),
            checks,
        }
    }

    /// The same with these checks instead of the earlier ones of their kind.
    pub(super) fn with(mut self, checks: Vec<Check>) -> Self {
        let anew = |old: &Check| checks.iter().any(|check| check.code == old.code);
        self.checks.retain(|old| !anew(old));
        self.checks.extend(checks);
        self
    }
}

pub(crate) async fn get_preflight(hub: &Hub) -> Result<Vec<PreflightReport>, HubError> {
    hub.read(|reader| {
        let mut reports = Vec::new();
        for row in reader.connections()? {
            if let Some(kept) = read(reader, row.connection.id)? {
                reports.push(report(&row, &kept));
            }
        }
        Ok(reports)
    })
    .await
}

pub(super) async fn of(hub: &Hub, id: ConnectionId) -> Result<Option<Kept>, HubError> {
    hub.read(move |reader| read(reader, id)).await
}

/// Whether a day has passed since everything was checked, or it never was.
pub(crate) async fn is_due(hub: &Hub, id: ConnectionId) -> Result<bool, HubError> {
    let now = hub.engine.clock().now();
    let kept = of(hub, id).await?;
    Ok(kept.is_none_or(|kept| now.ms_since(kept.at) >= DAY_MS))
}

fn read(reader: &Reader<'_>, id: ConnectionId) -> Result<Option<Kept>, StoreError> {
    let text = reader.meta_get(&name(id))?;
    // What an earlier version wrote differently is as good as nothing.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn name(id: ConnectionId) -> String {
    format!("preflight:{id}")
}

pub(super) async fn keep(
    hub: &Hub,
    row: &ConnectionRow,
    kept: Kept,
) -> Result<PreflightReport, HubError> {
    let id = row.connection.id;
    let report = report(row, &kept);
    let found = kept.checks.iter().filter(|check| keeps_from_working(check));
    let found = found.count();
    let text = serde_json::to_string(&kept).unwrap_or_default();
    let now = hub.engine.clock().now();
    hub.write(move |tx| {
        tx.meta_set(&name(id), &text)?;
        let code = NoticeCode::PreflightFindings.word();
        if found == 0 {
            return tx.clear_notice(id, code, None);
        }
        // One that says the same is left alone, so that nobody is told of it every day.
        let detail = Some(found.to_string());
        let told = tx.notices()?.into_iter().any(|notice| {
            notice.connection == id && notice.code == code && notice.detail == detail
        });
        if told {
            return Ok(());
        }
        tx.put_notice(&NoticeRow {
            id: 0,
            connection: id,
            code: code.to_owned(),
            person: None,
            detail,
            at: now,
        })
    })
    .await?;
    Ok(report)
}

fn report(row: &ConnectionRow, kept: &Kept) -> PreflightReport {
    let connection = &row.connection;
    let platform = connection.platform;
    let with = |outcome| {
        let checks = kept.checks.iter();
        checks.filter(move |check| check.outcome == outcome)
    };
    let mut findings: Vec<_> = with(Outcome::Failed)
        .map(|check| words::finding(row, check))
        .collect();
    findings.sort_by_key(|finding| finding.weight);
    PreflightReport {
        connection: connection.id,
        platform,
        name: connection.name.clone(),
        at: kept.at,
        ok: !kept.checks.iter().any(keeps_from_working),
        findings,
        unknown: with(Outcome::Unknown)
            .map(|check| UnknownView {
                code: check.code,
                subject: check.subject.clone(),
                message: words::unknown(platform, check),
            })
            .collect(),
        passed: with(Outcome::Passed)
            .map(|check| PassedView {
                code: check.code,
                subject: check.subject.clone(),
                message: words::passed(platform, check),
            })
            .collect(),
    }
}
