//! Hearing by sockets alone: what a frame tells is read with the token that heard it, and kept before
//! the frame is acknowledged.
//!
//! What was missed the engine reads back itself, except what people told the bot: of those
//! conversations it has none to read. They are read here, from a cursor on.

use std::{collections::HashSet, sync::Arc, time::Duration};

use causeway_model::{Failure, FailureKind, Incoming, Timestamp};
use tokio::time::sleep;

use super::{
    activity::{Activity, News},
    api::Api,
    gaps::Gaps,
    hearing::Ears,
    history,
    line::Heard,
    messages::{Found, Told},
    refusal::may_pass,
    rooms::Rooms,
    wire::{Message, Room, moment, written},
};
use crate::{EventSink, TokenOwner, backoff::Backoff};

/// Until when the bot was told things that are kept.
const CURSOR: &str = "told_to_bot";
/// How often what a frame tells of is asked for, before the socket is given up for it.
const TRIES: u32 = 5;
/// How far before the last word of a socket something may have happened that it did not tell.
pub(super) const OVERLAP_MS: i64 = 30_000;
/// How many of the bot's conversations are looked through.
const MOST_ROOMS: usize = 1_000;

pub(super) struct Keeping {
    api: Api,
    rooms: Arc<Rooms>,
    sink: Arc<dyn EventSink>,
    gaps: Gaps,
}

impl Keeping {
    pub(super) fn new(api: Api, rooms: Arc<Rooms>, sink: Arc<dyn EventSink>, gaps: Gaps) -> Self {
        Self {
            api,
            rooms,
            sink,
            gaps,
        }
    }

    /// Has read back what may have been missed, before anything else is kept.
    pub(super) async fn opened(&self, owner: &TokenOwner, lost_at: Timestamp) {
        self.gaps.tell(lost_at).await;
        if *owner == TokenOwner::App {
            let stored = self.sink.cursor(CURSOR).await;
            let since = stored.as_deref().and_then(moment).unwrap_or(lost_at);
            self.catch_up_bot(since).await;
        }
    }

    /// An error is for the socket: what cannot be read now is read back once there is another.
    pub(super) async fn take(&self, owner: &TokenOwner, heard: &Heard) -> Result<(), Failure> {
        if let Some(since) = heard.missed {
            let since = since.plus_ms(-OVERLAP_MS);
            self.gaps.tell(since).await;
            if *owner == TokenOwner::App {
                self.catch_up_bot(since).await;
            }
        }
        let Some(activity) = &heard.activity else {
            return Ok(());
        };
        let happened = self.insist(|| self.happened(owner, activity)).await;
        match happened {
            Ok(happened) => {
                let newest = happened.iter().map(|event| event.at).max();
                let cursor = newest.filter(|_| *owner == TokenOwner::App);
                self.keep(happened, cursor).await;
                Ok(())
            }
            Err(failure) if may_pass(&failure) || failure.kind == FailureKind::NotAuthorised => {
                Err(failure)
            }
            Err(failure) => {
                tracing::warn!(failure.code, "what a frame told of could not be read");
                Ok(())
            }
        }
    }

    /// What a frame says; nothing where nobody here is concerned.
    async fn happened(
        &self,
        owner: &TokenOwner,
        activity: &Activity,
    ) -> Result<Vec<Incoming>, Failure> {
        let accounts = match owner {
            TokenOwner::Account(account) => HashSet::from([account.clone()]),
            TokenOwner::App | TokenOwner::AppLevel | TokenOwner::GuestIssuer => HashSet::new(),
        };
        let ears = Ears {
            api: &self.api,
            rooms: &self.rooms,
            accounts: &accounts,
            eyes: owner,
        };
        let found = match activity.news() {
            None => None,
            Some(News::Posted { .. } | News::Edited { .. })
                if self.is_elsewhere(owner, activity).await? =>
            {
                None
            }
            Some(News::Changed(change)) => {
                return Ok(ears.change(change).await?.into_iter().collect());
            }
            Some(News::Posted { message }) => self.fetch(owner, &message, Told::Standing).await?,
            Some(News::Edited { message, at }) => {
                self.fetch(owner, &message, Told::Edited { at }).await?
            }
            Some(News::Deleted { message, at }) => Some(Found {
                told: Told::Deleted { at },
                ..Found::listed(message)
            }),
        };
        match found {
            Some(found) => ears.message(&found).await,
            None => Ok(Vec::new()),
        }
    }

    async fn is_elsewhere(&self, owner: &TokenOwner, activity: &Activity) -> Result<bool, Failure> {
        match activity.room() {
            Some(room) => self.rooms.is_other_group(owner, &room).await,
            None => Ok(false),
        }
    }

    /// None where it is gone again already, which another frame tells.
    async fn fetch(
        &self,
        owner: &TokenOwner,
        message: &str,
        told: Told,
    ) -> Result<Option<Found>, Failure> {
        let url = self.api.url(&["messages", message], &[]);
        let read: Result<Message, Failure> = self.api.get(owner, url, "messages.get").await;
        match read {
            Ok(message) => Ok(Some(Found {
                told,
                ..Found::listed(message)
            })),
            Err(failure) if failure.kind == FailureKind::Gone => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Webex does not tell it again: it waits until there is room.
    async fn keep(&self, happened: Vec<Incoming>, cursor: Option<Timestamp>) {
        if happened.is_empty() && cursor.is_none() {
            return;
        }
        let cursor = cursor.map(|at| (CURSOR.to_owned(), written(at)));
        let mut backoff = Backoff::default();
        while self
            .sink
            .take(happened.clone(), cursor.clone())
            .await
            .is_err()
        {
            tracing::warn!("what happened waits to be kept");
            sleep(backoff.next(self.api.random())).await;
        }
    }

    async fn catch_up_bot(&self, since: Timestamp) {
        match self.insist(|| self.told_to_bot(since)).await {
            Ok(happened) => {
                let newest = happened
                    .iter()
                    .map(|event| event.at)
                    .fold(since, Timestamp::max);
                self.keep(happened, Some(newest)).await;
            }
            Err(failure) => {
                tracing::warn!(
                    failure.code,
                    "what people told the bot meanwhile is not known"
                );
            }
        }
    }

    /// What was said in the bot's own direct conversations after that, oldest first.
    async fn told_to_bot(&self, since: Timestamp) -> Result<Vec<Incoming>, Failure> {
        let owner = TokenOwner::App;
        let query = [
            ("type", "direct"),
            ("sortBy", "lastactivity"),
            ("max", "100"),
        ];
        let is_quiet = |room: &Room| {
            let last = room.last_activity.as_deref().and_then(moment);
            last.is_some_and(|last| last <= since)
        };
        let enough =
            |rooms: &[Room]| rooms.len() >= MOST_ROOMS || rooms.last().is_some_and(is_quiet);
        let url = self.api.url(&["rooms"], &query);
        let rooms = self.api.pages(&owner, url, "rooms.list", enough).await?;
        let nobody = HashSet::new();
        let ears = Ears {
            api: &self.api,
            rooms: &self.rooms,
            accounts: &nobody,
            eyes: &owner,
        };
        let mut happened = Vec::new();
        for room in rooms.iter().filter(|room| !is_quiet(room)) {
            for message in history::list(&self.api, &owner, &room.id, since).await? {
                happened.extend(ears.message(&Found::listed(message)).await?);
            }
        }
        happened.retain(|event| event.at > since);
        happened.sort_by_key(|event| event.at);
        Ok(happened)
    }

    /// Asks again where time may help.
    async fn insist<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        ask: impl Fn() -> F,
    ) -> Result<T, Failure> {
        let mut backoff = Backoff::default();
        let mut tries = 1;
        loop {
            match ask().await {
                Err(failure) if may_pass(&failure) && tries < TRIES => {
                    tries += 1;
                    sleep(pause(&failure, backoff.next(self.api.random()))).await;
                }
                outcome => return outcome,
            }
        }
    }
}

fn pause(failure: &Failure, own: Duration) -> Duration {
    match failure.kind {
        FailureKind::Throttled {
            after_ms: Some(after_ms),
        } => own.max(Duration::from_millis(after_ms)),
        FailureKind::Throttled { after_ms: None }
        | FailureKind::NotSent
        | FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected
        | FailureKind::Unknown => own,
    }
}
