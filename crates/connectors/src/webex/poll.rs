//! Polling the organisation's events, again and again, from a cursor that moves with what was kept.
//!
//! The cursor stays a little behind the newest event: Webex's feed lags, and what is read twice has
//! the same keys. A long absence is caught up in stretches, so that no more than one of them is in
//! memory.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use causeway_model::{ExternalAccount, Failure, FailureKind, Incoming, Timestamp};

use super::{
    api::Api,
    feed::{KEPT_MS, Resource, Span, events},
    hearing::{Ears, Understood},
    rooms::Rooms,
    unread::Unread,
    wire::{Event, moment, written},
};
use crate::{EventSink, TokenOwner, Unreadable, backoff::pause_after};

pub(super) const CURSOR: &str = "events";
/// How far the cursor stays behind the newest event: how late one may come into the feed behind
/// others is not told anywhere.
const OVERLAP_MS: i64 = 120_000;
/// Where an organisation that was never polled begins: before now, not at the beginning of time.
const FIRST_LOOK_BACK_MS: i64 = 60_000;
/// What is caught up at once.
const STRETCH_MS: i64 = 3_600 * 1_000;
/// How many events are committed at once.
const BATCH: usize = 200;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Whether there is more to be read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    More,
    CaughtUp,
}

pub(super) struct Poll {
    api: Api,
    rooms: Arc<Rooms>,
    sink: Arc<dyn EventSink>,
    unread: Unread,
    /// What was last committed; asked of the sink once.
    cursor: Option<Timestamp>,
    /// What was kept since the cursor, and when it happened.
    kept: HashMap<String, Timestamp>,
    failures: u32,
}

impl Poll {
    pub(super) fn new(api: Api, rooms: Arc<Rooms>, sink: Arc<dyn EventSink>) -> Self {
        Self {
            unread: Unread::new(api.clone(), sink.clone()),
            api,
            rooms,
            sink,
            cursor: None,
            kept: HashMap::new(),
            failures: 0,
        }
    }

    /// Reads what came since the cursor, and has it kept.
    pub(super) async fn round(
        &mut self,
        accounts: &HashSet<ExternalAccount>,
    ) -> Result<Round, Failure> {
        let (cursor, stored) = self.begin().await;
        let span = self.span(cursor);
        let fresh = self.fresh(span).await?;
        let happened = self.understood(accounts, &fresh).await?;
        let next = next_cursor(cursor, span, &fresh);
        if !happened.is_empty() || next != cursor || !stored {
            self.commit(happened, next).await?;
        }
        self.cursor = Some(next);
        let fresh = fresh.into_iter().map(|(event, at)| (event.id, at));
        self.kept.extend(fresh);
        self.kept.retain(|_, at| *at >= next);
        self.failures = 0;
        Ok(match span.to {
            Some(_) => Round::More,
            None => Round::CaughtUp,
        })
    }

    /// How many conversations are not heard because nobody shows who is in them, and why.
    pub(super) fn hidden(&self) -> Option<(usize, String)> {
        self.rooms.hidden()
    }

    /// A pause that doubles with each failure, cut by up to a half by chance; never shorter than the
    /// platform wants.
    pub(super) fn pause_after(&mut self, failure: &Failure) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let doubled = Duration::from_millis(500 << self.failures.min(10)).min(LONGEST_PAUSE);
        let share = (self.api.random().bits() % 1_000) as f64 / 2_000.0;
        pause_after(failure, doubled.mul_f64(1.0 - share))
    }

    /// The cursor, and whether the sink has it already.
    async fn begin(&mut self) -> (Timestamp, bool) {
        if let Some(cursor) = self.cursor {
            return (cursor, true);
        }
        let now = self.api.clock().now();
        let stored = self.sink.cursor(CURSOR).await;
        let Some(cursor) = stored.as_deref().and_then(moment) else {
            return (now.plus_ms(-FIRST_LOOK_BACK_MS), false);
        };
        let earliest = now.plus_ms(-KEPT_MS);
        if cursor < earliest {
            let gone = Unreadable {
                conversation: None,
                since: cursor,
                code: "no_longer_kept".to_owned(),
            };
            self.sink.unreadable(gone).await;
            return (earliest, false);
        }
        (cursor, true)
    }

    fn span(&self, from: Timestamp) -> Span {
        let behind = self.api.clock().now().ms_since(from);
        let to = (behind > 2 * STRETCH_MS).then(|| from.plus_ms(STRETCH_MS));
        Span { from, to }
    }

    /// What happened in the span and is not kept yet, oldest first. Who came in comes before what
    /// they say at the same moment.
    async fn fresh(&self, span: Span) -> Result<Vec<(Event, Timestamp)>, Failure> {
        let mut all = events(&self.api, Resource::Memberships, span).await?;
        all.extend(events(&self.api, Resource::Messages, span).await?);
        let mut seen = HashSet::new();
        let mut fresh: Vec<(Event, Timestamp)> = all
            .into_iter()
            .filter(|event| !self.kept.contains_key(&event.id) && seen.insert(event.id.clone()))
            .filter_map(|event| Some((moment(&event.created)?, event)))
            .map(|(at, event)| (event, at))
            .collect();
        fresh.sort_by_key(|(_, at)| *at);
        Ok(fresh)
    }

    /// What these events come to. The cursor moves past those that nobody can place: it is told before.
    async fn understood(
        &self,
        accounts: &HashSet<ExternalAccount>,
        fresh: &[(Event, Timestamp)],
    ) -> Result<Vec<Incoming>, Failure> {
        let ears = Ears {
            api: &self.api,
            rooms: &self.rooms,
            accounts,
            eyes: &TokenOwner::AppLevel,
        };
        let (mut happened, mut hidden) = (Vec::new(), BTreeMap::new());
        for (event, at) in fresh {
            match ears.hear(event).await? {
                Understood::Happened(heard) => happened.extend(heard),
                Understood::Hidden { failure, .. } => {
                    hidden.entry(failure.code).or_insert(*at);
                }
            }
        }
        for (code, at) in hidden {
            self.unread.tell(None, at, &code).await;
        }
        Ok(happened)
    }

    /// Large catches go in parts; the cursor moves with the last.
    async fn commit(&self, events: Vec<Incoming>, cursor: Timestamp) -> Result<(), Failure> {
        let mut rest = events;
        while rest.len() > BATCH {
            let later = rest.split_off(BATCH);
            self.take(rest, None).await?;
            rest = later;
        }
        let cursor = (CURSOR.to_owned(), written(cursor));
        self.take(rest, Some(cursor)).await
    }

    async fn take(
        &self,
        events: Vec<Incoming>,
        cursor: Option<(String, String)>,
    ) -> Result<(), Failure> {
        let taken = self.sink.take(events, cursor).await;
        taken.map_err(|_| Failure::new(FailureKind::NotSent, "not_kept", "events"))
    }
}

fn next_cursor(cursor: Timestamp, span: Span, fresh: &[(Event, Timestamp)]) -> Timestamp {
    let newest = fresh.iter().map(|(_, at)| *at);
    newest
        .chain(span.to)
        .map(|at| at.plus_ms(-OVERLAP_MS))
        .fold(cursor, Timestamp::max)
}
