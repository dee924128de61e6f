//! Reading back: each account's conversations from a cursor that moves with what was kept.
//!
//! Beside a socket or webhooks this is the safety net, and what catches up after a gap: Zoom keeps
//! nothing for a socket that is not there. Where there is neither it is the only source. The cursor
//! stays a little behind the newest message, since Zoom's lists lag; what is read twice has the same
//! keys.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use causeway_model::{
    EventKey, ExternalAccount, ExternalConversation, Failure, FailureKind, Happening, Incoming,
    Timestamp,
};
use futures_util::{StreamExt, stream};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    conversations::{place, sessions},
    health::Round,
    lists::{self, Wanted},
    place::Place,
    refusal::may_pass,
    source::Source,
    wire::{Session, moment, written},
};
use crate::{
    Unreadable,
    backoff::{Backoff, pause_after},
};

/// How far the cursor stays behind the newest message.
const OVERLAP_MS: i64 = 60_000;
/// Where an account that was never read begins: before now, not at the beginning of time.
const FIRST_LOOK_BACK_MS: i64 = 60_000;
/// Nothing older than this is still on its way into a list, however quiet it is.
const QUIET_MS: i64 = 24 * 60 * 60 * 1_000;
/// How far back conversations are looked through for edits and deletions, which move nothing in the
/// lists: after a gap, and now and then where nothing else hears.
const SWEEP_BACK_MS: i64 = 24 * 60 * 60 * 1_000;
const MOST_SWEPT: usize = 40;
const MOST_SESSIONS: usize = 2_000;
const ACCOUNTS_AT_ONCE: usize = 4;
/// How often what cannot be read is told again while that goes on: each time it is kept anew.
const TELL_EVERY_MS: i64 = 10 * 60 * 1_000;
/// How many events are committed at once.
const BATCH: usize = 200;
/// How often catching up is tried before what is live goes on without it.
const TRIES: usize = 3;
/// What is live does not wait for tomorrow, when there are calls again to read what was missed.
const LONGEST_TRY: Duration = Duration::from_secs(60);

/// Wants everything read that was missed, and to be told when that is done.
pub(super) type CatchUp = oneshot::Sender<()>;

/// Reads until stopped.
pub(super) async fn keep_reading(
    source: &Source,
    mut wanted: mpsc::Receiver<CatchUp>,
    stop: CancellationToken,
) {
    let mut rounds = Rounds::default();
    let mut hearing = source.hearing.clone();
    let mut pause = match source.waits_for_socket() {
        true => source.api.settings().poll_every(false),
        false => Duration::ZERO,
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(done) = wanted.recv() => {
                let caught_up = rounds.catch_up(source);
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = caught_up => {}
                }
                let _ = done.send(());
                continue;
            }
            Ok(()) = hearing.changed() => {}
            () = sleep(pause) => {}
        }
        let round = rounds.round(source);
        let outcome = tokio::select! {
            () = stop.cancelled() => return,
            outcome = round => outcome,
        };
        pause = rounds.pause(source, outcome);
    }
}

#[derive(Default)]
struct Rounds {
    accounts: HashMap<ExternalAccount, Reading>,
    backoff: Backoff,
}

/// How far one account has been read.
#[derive(Default)]
struct Reading {
    /// What was last committed; asked of the sink once.
    cursor: Option<Timestamp>,
    swept: Option<Instant>,
    kept: HashSet<EventKey>,
    kept_by_sweep: HashSet<EventKey>,
    /// When it was last told of a conversation that it cannot be read, by Zoom's clock.
    told: HashMap<ExternalConversation, Timestamp>,
}

/// What one look at an account's conversations came to.
#[derive(Default)]
struct Harvest {
    /// Oldest first.
    found: Vec<Incoming>,
    closed: Vec<Closed>,
}

/// A conversation that is in the account's list and cannot be read.
struct Closed {
    conversation: ExternalConversation,
    code: String,
    /// Whether something was written in it that was not read; else at most something was changed.
    has_news: bool,
}

/// What a round came to that did not read everything.
struct Left {
    failure: Failure,
}

impl Rounds {
    /// Reads all that was missed, as far as it can be had for now.
    async fn catch_up(&mut self, source: &Source) {
        for reading in self.accounts.values_mut() {
            reading.swept = None;
        }
        let mut backoff = Backoff::default();
        for _ in 0..TRIES {
            match self.round(source).await {
                Err(left) if may_pass(&left.failure) => {
                    let own = backoff.next(source.api.random());
                    let pause = pause_after(&left.failure, own);
                    if pause > LONGEST_TRY {
                        return;
                    }
                    sleep(pause).await;
                }
                Ok(()) | Err(_) => return,
            }
        }
    }

    async fn round(&mut self, source: &Source) -> Result<(), Left> {
        let wanted = source.accounts();
        self.accounts.retain(|account, _| wanted.contains(account));
        let mine: Vec<(ExternalAccount, Reading)> = wanted
            .into_iter()
            .map(|account| {
                let reading = self.accounts.remove(&account).unwrap_or_default();
                (account, reading)
            })
            .collect();
        let reads = mine.into_iter().map(|(account, mut reading)| async move {
            let outcome = reading.round(source, &account).await;
            (account, reading, outcome)
        });
        let mut reads = stream::iter(reads).buffer_unordered(ACCOUNTS_AT_ONCE);
        let mut round = Round::default();
        while let Some((account, reading, outcome)) = reads.next().await {
            match outcome {
                Ok(closed) => {
                    round.any = true;
                    let with_news = closed.into_iter().filter(|closed| closed.has_news);
                    let with_news = with_news.map(|closed| (closed.conversation, closed.code));
                    round.closed.extend(with_news);
                }
                Err(failure) => drop(round.unread.insert(account.clone(), failure)),
            }
            self.accounts.insert(account, reading);
        }
        round.used_up = source.api.used_up();
        let (any, first) = (round.any, round.unread.values().next().cloned());
        source.board.read(round).await;
        if any {
            source.begun().await;
        }
        match first {
            None => Ok(()),
            Some(failure) => Err(Left { failure }),
        }
    }

    fn pause(&mut self, source: &Source, outcome: Result<(), Left>) -> Duration {
        let rest = source.api.settings().poll_every(source.is_live());
        match outcome {
            Ok(()) => {
                self.backoff.reset();
                rest
            }
            Err(left) => {
                let own = self.backoff.next(source.api.random());
                rest.max(pause_after(&left.failure, own))
            }
        }
    }
}

impl Reading {
    /// Answers what could not be read.
    async fn round(
        &mut self,
        source: &Source,
        account: &ExternalAccount,
    ) -> Result<Vec<Closed>, Failure> {
        let began = source.api.time_there();
        let (cursor, stored) = self.begin(source, account, began).await;
        let sweep = self.is_to_sweep(source);
        let Harvest { found, closed } = harvest(source, account, cursor, sweep).await?;
        let next = next_cursor(cursor, &found, began);
        let fresh: Vec<Incoming> = found.iter().filter(|e| !self.is_kept(e)).cloned().collect();
        if !fresh.is_empty() || next != cursor || !stored {
            commit(source, account, fresh, next).await?;
        }
        self.cursor = Some(next);
        self.tell(source, &closed, cursor, began).await;
        let keys = found.into_iter().map(|event| event.key).collect();
        match sweep {
            true => {
                self.swept = Some(Instant::now());
                self.kept_by_sweep = keys;
            }
            false => self.kept = keys,
        }
        Ok(closed)
    }

    /// Has it kept that the cursor has gone on without what these conversations hold.
    async fn tell(
        &mut self,
        source: &Source,
        closed: &[Closed],
        cursor: Timestamp,
        now: Timestamp,
    ) {
        self.told
            .retain(|_, told| now.ms_since(*told) < 2 * TELL_EVERY_MS);
        for one in closed {
            let told = self.told.get(&one.conversation).copied();
            if told.is_some_and(|told| now.ms_since(told) < TELL_EVERY_MS) {
                continue;
            }
            self.told.insert(one.conversation.clone(), now);
            let span = Unreadable {
                conversation: Some(one.conversation.clone()),
                // From where it was told last, so that it is one span.
                since: told.map_or(cursor, |told| told.min(cursor)),
                code: one.code.clone(),
            };
            source.sink.unreadable(span).await;
        }
    }

    fn is_kept(&self, event: &Incoming) -> bool {
        self.kept.contains(&event.key) || self.kept_by_sweep.contains(&event.key)
    }

    /// The cursor, and whether the sink has it already.
    async fn begin(
        &self,
        source: &Source,
        account: &ExternalAccount,
        now: Timestamp,
    ) -> (Timestamp, bool) {
        if let Some(cursor) = self.cursor {
            return (cursor, true);
        }
        let stored = source.sink.cursor(&cursor_name(account)).await;
        match stored.as_deref().and_then(moment) {
            Some(cursor) => (cursor, true),
            None => (now.plus_ms(-FIRST_LOOK_BACK_MS), false),
        }
    }

    fn is_to_sweep(&self, source: &Source) -> bool {
        match (self.swept, source.sweep_every()) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(swept), Some(every)) => swept.elapsed() >= every,
        }
    }
}

fn cursor_name(account: &ExternalAccount) -> String {
    format!("poll:{account}")
}

/// What happened in the account's conversations.
async fn harvest(
    source: &Source,
    account: &ExternalAccount,
    cursor: Timestamp,
    sweep: bool,
) -> Result<Harvest, Failure> {
    let since = match sweep {
        true => cursor.plus_ms(-SWEEP_BACK_MS),
        false => cursor,
    };
    let listed = sessions(&source.api, account, since, MOST_SESSIONS).await?;
    let mut harvest = Harvest::default();
    for session in worth_reading(listed, cursor) {
        let Some(place) = place(&source.api, &session, account).await? else {
            continue;
        };
        match read(source, account, &place, cursor, since).await {
            Ok(events) => harvest.found.extend(events),
            // It may have been left just now; it may as well be one that matters.
            Err(failure) if matches!(failure.kind, FailureKind::Gone | FailureKind::Forbidden) => {
                tracing::info!(failure.code = %failure.code, "a conversation cannot be read");
                harvest.closed.push(Closed {
                    conversation: place.id(),
                    code: failure.code,
                    has_news: last_sent(&session) >= cursor,
                });
            }
            Err(failure) => return Err(failure),
        }
    }
    harvest.found.sort_by_key(|event| event.at);
    Ok(harvest)
}

async fn read(
    source: &Source,
    account: &ExternalAccount,
    place: &Place,
    cursor: Timestamp,
    since: Timestamp,
) -> Result<Vec<Incoming>, Failure> {
    let wanted = Wanted {
        place,
        viewer: account,
        since,
        posts_since: cursor,
    };
    lists::happenings(&source.api, &source.edits, &wanted).await
}

/// Those with something new, and of the others the newest few.
fn worth_reading(mut listed: Vec<Session>, cursor: Timestamp) -> Vec<Session> {
    listed.sort_by_key(|session| std::cmp::Reverse(last_sent(session)));
    let mut swept = 0;
    listed.retain(|session| {
        let new = last_sent(session) >= cursor;
        swept += usize::from(!new);
        new || swept <= MOST_SWEPT
    });
    listed
}

/// What tells nothing counts as active now.
fn last_sent(session: &Session) -> Timestamp {
    let told = session.last_message_sent_time.as_deref();
    told.and_then(moment).unwrap_or(Timestamp(i64::MAX))
}

fn next_cursor(cursor: Timestamp, found: &[Incoming], began: Timestamp) -> Timestamp {
    let written = found.iter().filter(|event| is_written(&event.happened));
    written
        .map(|event| event.at.plus_ms(-OVERLAP_MS))
        .fold(cursor.max(began.plus_ms(-QUIET_MS)), Timestamp::max)
}

/// Lists tell when a message was written, and not when it was changed.
fn is_written(happened: &Happening) -> bool {
    match happened {
        Happening::Posted { .. } | Happening::Asked { .. } => true,
        Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => false,
    }
}

/// Large catches go in parts; the cursor moves with the last.
async fn commit(
    source: &Source,
    account: &ExternalAccount,
    events: Vec<Incoming>,
    cursor: Timestamp,
) -> Result<(), Failure> {
    let mut rest = events;
    while rest.len() > BATCH {
        let later = rest.split_off(BATCH);
        source.take(rest, None).await?;
        rest = later;
    }
    let cursor = (cursor_name(account), written(cursor));
    source.take(rest, Some(cursor)).await
}
