//! Polling: one account's chats, again and again, from a cursor that moves with what was kept.
//!
//! Everything after the cursor is read, and the cursor stays a little behind the newest message:
//! Graph's lists lag, and what is read twice has the same keys.

use std::{collections::HashMap, time::Duration};

use causeway_model::{
    ExternalAccount, ExternalConversation, ExternalMessage, Failure, FailureKind, Incoming,
    Timestamp,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    graph::Graph,
    health::{Part, needs_person},
    messages::Found,
    posts::changed_messages,
    refusal::PROTECTED_API,
    settings::Hear,
    source::Source,
    subscriptions::Subscriptions,
    wire::{Chat, Page, moment, written},
};
use crate::{TokenOwner, backoff::pause_after};

/// How far the cursor stays behind the newest message.
const OVERLAP_MS: i64 = 30_000;
/// Where an account that was never polled begins: before now, not at the beginning of time.
const FIRST_LOOK_BACK_MS: i64 = 60_000;
/// How often is polled what is subscribed to as well.
const SAFETY_NET: Duration = Duration::from_secs(60);
/// How often chats without new messages are looked through for edits and deletions, where Graph
/// has no list of all of an account's changes.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How far back a chat's last message may be for it to be looked through.
const SWEEP_BACK_MS: i64 = 24 * 60 * 60 * 1_000;
const MOST_SWEPT: usize = 40;
const CHATS_AT_ONCE: usize = 4;
/// How many events are committed at once.
const BATCH: usize = 200;
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Someone may just be signing in.
const LONGEST_SIGNED_OUT_PAUSE: Duration = Duration::from_secs(60);
/// How long the app's reading, once found unapproved, is not tried again.
const UNAPPROVED_FOR: Duration = Duration::from_secs(3_600);

/// Polls the account until stopped. `subscriptions` are what hears it beside the polls; `looked` is
/// set off by the first look, whatever came of it.
pub(super) async fn keep_polling(
    source: &Source,
    account: ExternalAccount,
    subscriptions: Option<&Subscriptions>,
    looked: CancellationToken,
    stop: CancellationToken,
) {
    let bell = source.bell(&account);
    let mut poll = AccountPoll::new(account.clone());
    let live = || subscriptions?.live(&account);
    loop {
        let heard_by = live();
        let round = async {
            let _turn = source.polls.acquire().await;
            poll.round(source).await
        };
        let outcome = tokio::select! {
            () = stop.cancelled() => return,
            outcome = round => outcome,
        };
        looked.cancel();
        if let (Ok(()), Some(id), Some(subscriptions)) = (&outcome, &heard_by, subscriptions) {
            subscriptions.caught_up(&account, id);
        }
        let rest = match live() {
            Some(_) => SAFETY_NET,
            None => Duration::from_millis(source.graph.settings().poll_every_ms),
        };
        let pause = poll.settle(source, outcome, rest).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            () = bell.notified() => {}
        }
    }
}

/// A pause that doubles with each failure, up to `longest`, cut by up to a half by chance so that
/// accounts do not knock all at once; never shorter than the platform wants.
pub(super) fn backoff(
    graph: &Graph,
    failure: &Failure,
    failures: u32,
    longest: Duration,
) -> Duration {
    let doubled = Duration::from_secs(1 << failures.min(10)).min(longest);
    let share = (graph.random().bits() % 1_000) as f64 / 2_000.0;
    pause_after(failure, doubled.mul_f64(1.0 - share))
}

struct AccountPoll {
    account: ExternalAccount,
    /// What was last committed; asked of the sink once.
    cursor: Option<Timestamp>,
    /// What was kept since the cursor, with when it had last changed.
    kept: HashMap<(ExternalConversation, ExternalMessage), Timestamp>,
    swept: Option<Instant>,
    unapproved_since: Option<Instant>,
    failures: u32,
}

/// What one poll found.
struct Harvest {
    found: Vec<Found>,
    owner: TokenOwner,
    /// Whether nothing after the cursor can have been overlooked.
    complete: bool,
}

impl AccountPoll {
    fn new(account: ExternalAccount) -> Self {
        Self {
            account,
            cursor: None,
            kept: HashMap::new(),
            swept: None,
            unapproved_since: None,
            failures: 0,
        }
    }

    async fn round(&mut self, source: &Source) -> Result<(), Failure> {
        let (cursor, stored) = self.begin(source).await;
        let harvest = self.harvest(source, cursor).await?;
        let fresh: Vec<Found> = harvest
            .found
            .iter()
            .filter(|found| !self.is_kept(found))
            .cloned()
            .collect();
        let events = source
            .happenings(&fresh, &self.account, &harvest.owner)
            .await?;
        let next = match harvest.complete {
            true => next_cursor(cursor, &harvest.found),
            false => cursor,
        };
        if !events.is_empty() || next != cursor || !stored {
            self.commit(source, events, next).await?;
        }
        self.cursor = Some(next);
        self.note(fresh, next);
        if harvest.complete {
            self.swept = Some(Instant::now());
        }
        Ok(())
    }

    /// The cursor, and whether the sink has it already.
    async fn begin(&self, source: &Source) -> (Timestamp, bool) {
        if let Some(cursor) = self.cursor {
            return (cursor, true);
        }
        let stored = source.sink.cursor(&self.cursor_name()).await;
        match stored.as_deref().and_then(moment) {
            Some(cursor) => (cursor, true),
            None => (
                source.graph.clock().now().plus_ms(-FIRST_LOOK_BACK_MS),
                false,
            ),
        }
    }

    fn cursor_name(&self) -> String {
        format!("poll:{}", self.account)
    }

    /// Large catches go in parts; the cursor moves with the last.
    async fn commit(
        &self,
        source: &Source,
        events: Vec<Incoming>,
        cursor: Timestamp,
    ) -> Result<(), Failure> {
        let mut rest = events;
        while rest.len() > BATCH {
            let later = rest.split_off(BATCH);
            source.take(rest, None).await?;
            rest = later;
        }
        let cursor = (self.cursor_name(), written(cursor));
        source.take(rest, Some(cursor)).await
    }

    fn is_kept(&self, found: &Found) -> bool {
        self.kept.get(&place(found)).copied() == Some(changed(found))
    }

    fn note(&mut self, fresh: Vec<Found>, cursor: Timestamp) {
        for found in fresh {
            self.kept.insert(place(&found), changed(&found));
        }
        self.kept.retain(|_, at| *at >= cursor);
    }

    async fn harvest(&mut self, source: &Source, since: Timestamp) -> Result<Harvest, Failure> {
        let own_token = source.own_token_of(&self.account).await?;
        if self.by_application(source, &own_token) {
            match all_messages(source, &self.account, since).await {
                Err(failure) if failure.code == PROTECTED_API => {
                    self.unapproved_since = Some(Instant::now());
                    source.board.unapproved(&self.account, true).await;
                }
                outcome => {
                    if self.unapproved_since.take().is_some() {
                        source.board.unapproved(&self.account, false).await;
                    }
                    return outcome;
                }
            }
        }
        self.by_own_token(source, own_token, since).await
    }

    /// The service account always reads its chats itself: it is what posts there.
    fn by_application(&self, source: &Source, own_token: &TokenOwner) -> bool {
        let wanted = match source.graph.settings().hear {
            Hear::Application => source.graph.reader() == TokenOwner::AppLevel,
            Hear::Delegated => false,
        };
        let unapproved = self
            .unapproved_since
            .is_some_and(|since| since.elapsed() < UNAPPROVED_FOR);
        wanted && !unapproved && *own_token != TokenOwner::App
    }

    async fn by_own_token(
        &self,
        source: &Source,
        owner: TokenOwner,
        since: Timestamp,
    ) -> Result<Harvest, Failure> {
        let sweep = self.swept.is_none_or(|at| at.elapsed() >= SWEEP_EVERY);
        let back = if sweep {
            since.plus_ms(-SWEEP_BACK_MS)
        } else {
            since
        };
        let chats = active_chats(&source.graph, &owner, since, back).await?;
        let (graph, by) = (&source.graph, &owner);
        let reads: Vec<_> = chats
            .iter()
            .map(|chat| changed_messages(graph, by, chat, since))
            .collect();
        let mut reads = stream::iter(reads).buffer_unordered(CHATS_AT_ONCE);
        let mut found = Vec::new();
        let (mut read_any, mut refused) = (false, None);
        while let Some(read) = reads.next().await {
            match read {
                Ok(messages) => {
                    read_any = true;
                    found.extend(messages);
                }
                // A chat that the account has just left has nothing more to say to it.
                Err(failure) if is_left(&failure) => refused = Some(failure),
                Err(failure) => return Err(failure),
            }
        }
        drop(reads);
        if let Some(failure) = refused.filter(|_| !read_any) {
            return Err(failure);
        }
        Ok(Harvest {
            found,
            owner,
            complete: sweep,
        })
    }

    /// Tells how it went, and answers the pause until the next round.
    async fn settle(
        &mut self,
        source: &Source,
        outcome: Result<(), Failure>,
        rest: Duration,
    ) -> Duration {
        let failure = match outcome {
            Ok(()) => {
                self.failures = 0;
                source.board.fine(Part::Poll, &self.account).await;
                source.begun().await;
                return rest;
            }
            Err(failure) => failure,
        };
        self.failures = self.failures.saturating_add(1);
        let signed_out = needs_person(&failure);
        let own = source.graph.own().await.ok().map(|own| &own.account);
        let pause = backoff(
            &source.graph,
            &failure,
            self.failures,
            if signed_out {
                LONGEST_SIGNED_OUT_PAUSE
            } else {
                LONGEST_PAUSE
            },
        );
        // Nothing is wrong with someone who was never asked.
        if failure.code == "no_token" && own != Some(&self.account) {
            source.board.without_token(&self.account).await;
        } else {
            source
                .board
                .trouble(Part::Poll, &self.account, failure)
                .await;
        }
        // While notifications come the rest is long, and what could not be read is not had.
        let between = Duration::from_millis(source.graph.settings().poll_every_ms);
        pause.max(rest.min(between))
    }
}

fn place(found: &Found) -> (ExternalConversation, ExternalMessage) {
    let message = ExternalMessage::new(found.message.id.as_str());
    (found.conversation.clone(), message)
}

fn changed(found: &Found) -> Timestamp {
    found.modified().unwrap_or_default()
}

fn next_cursor(cursor: Timestamp, found: &[Found]) -> Timestamp {
    found
        .iter()
        .filter_map(Found::modified)
        .map(|newest| newest.plus_ms(-OVERLAP_MS))
        .fold(cursor, Timestamp::max)
}

async fn all_messages(
    source: &Source,
    account: &ExternalAccount,
    since: Timestamp,
) -> Result<Harvest, Failure> {
    let filter = format!("lastModifiedDateTime gt {}", written(since));
    let path = ["users", account.as_str(), "chats", "getAllMessages"];
    let query = [("$top", "50"), ("$filter", filter.as_str())];
    let url = source.graph.url(&path, &query);
    let owner = TokenOwner::AppLevel;
    let doing = "chats.getAllMessages";
    let messages: Vec<Value> = source.graph.pages(&owner, url, usize::MAX, doing).await?;
    Ok(Harvest {
        found: messages
            .into_iter()
            .filter_map(|json| Found::read(json, None))
            .collect(),
        owner,
        complete: true,
    })
}

/// The chats that have something after `since`, and of those active after `back` the newest few.
async fn active_chats(
    graph: &Graph,
    owner: &TokenOwner,
    since: Timestamp,
    back: Timestamp,
) -> Result<Vec<ExternalConversation>, Failure> {
    let doing = "chats.list";
    let query = [
        ("$expand", "lastMessagePreview"),
        ("$top", "50"),
        ("$orderby", "lastMessagePreview/createdDateTime desc"),
    ];
    let mut next = Some(graph.url(&["me", "chats"], &query));
    let mut chats = Vec::new();
    while let Some(url) = next.take() {
        let page: Page<Chat> = graph.get(owner, url, doing).await?;
        let listed = page.value.len();
        let before = chats.len();
        for chat in page.value {
            let active = last_active(&chat);
            let swept = active > back && chats.len() < MOST_SWEPT;
            if active > since || swept {
                chats.push(ExternalConversation::new(chat.id));
            }
        }
        // The newest come first: a page with nothing wanted is followed by none.
        if listed > 0 && chats.len() > before {
            next = page.next.map(|link| graph.link(&link, doing)).transpose()?;
        }
    }
    Ok(chats)
}

/// When the chat last got a message; what tells nothing counts as active now.
fn last_active(chat: &Chat) -> Timestamp {
    let preview = chat
        .last_message_preview
        .as_ref()
        .and_then(|preview| preview.created_date_time.as_deref());
    let at = preview
        .or(chat.last_updated_date_time.as_deref())
        .or(chat.created_date_time.as_deref());
    at.and_then(moment).unwrap_or(Timestamp(i64::MAX))
}

fn is_left(failure: &Failure) -> bool {
    failure.kind == FailureKind::Gone
        || (failure.kind == FailureKind::Forbidden && !needs_person(failure))
}
