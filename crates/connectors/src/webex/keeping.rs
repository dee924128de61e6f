//! Hearing by sockets alone: what a frame tells is read with the token that heard it, and kept before
//! the frame is acknowledged.
//!
//! What was missed the engine reads back itself, except what people told the bot: of those
//! conversations it has none to read. They are read here, from a cursor on.

use std::{collections::HashSet, sync::Arc};

use causeway_model::{ExternalConversation, Failure, FailureKind, Incoming, Timestamp};
use tokio::time::sleep;

use super::{
    activity::{Activity, News},
    api::Api,
    gaps::Gaps,
    health::Board,
    hearing::{Ears, Understood},
    history,
    line::Heard,
    messages::{Found, Told},
    refusal::may_pass,
    rooms::Rooms,
    unread::Unread,
    wire::{Message, Room, moment, written},
};
use crate::{
    EventSink, TokenOwner,
    backoff::{Backoff, pause_after},
};

/// Until when the bot was told things that are kept.
const CURSOR: &str = "told_to_bot";
/// How often what a frame tells of is asked for, before the socket is given up for it.
const TRIES: u32 = 5;
/// How far before the last word of a socket something may have happened that it did not tell.
pub(super) const OVERLAP_MS: i64 = 30_000;

pub(super) struct Keeping {
    api: Api,
    rooms: Arc<Rooms>,
    sink: Arc<dyn EventSink>,
    gaps: Gaps,
    board: Arc<Board>,
    unread: Unread,
}

impl Keeping {
    pub(super) fn new(
        api: Api,
        rooms: Arc<Rooms>,
        sink: Arc<dyn EventSink>,
        gaps: Gaps,
        board: Arc<Board>,
    ) -> Self {
        Self {
            unread: Unread::new(api.clone(), sink.clone()),
            api,
            rooms,
            sink,
            gaps,
            board,
        }
    }

    /// Has read back what may have been missed, before anything else is kept: that would move the
    /// cursor past it.
    pub(super) async fn opened(
        &self,
        owner: &TokenOwner,
        lost_at: Timestamp,
    ) -> Result<(), Failure> {
        self.gaps.tell(lost_at).await;
        if *owner == TokenOwner::App {
            let stored = self.sink.cursor(CURSOR).await;
            let since = stored.as_deref().and_then(moment).unwrap_or(lost_at);
            self.catch_up_bot(since).await?;
        }
        Ok(())
    }

    /// An error is for the socket: what cannot be read now is read back once there is another.
    pub(super) async fn take(&self, owner: &TokenOwner, heard: &Heard) -> Result<(), Failure> {
        if let Some(since) = heard.missed {
            let since = since.plus_ms(-OVERLAP_MS);
            self.gaps.tell(since).await;
            if *owner == TokenOwner::App {
                self.catch_up_bot(since).await?;
            }
        }
        let Some(activity) = &heard.activity else {
            return Ok(());
        };
        match self.insist(|| self.happened(owner, activity)).await {
            Ok(Understood::Happened(happened)) => {
                let newest = happened.iter().map(|event| event.at).max();
                let cursor = newest.filter(|_| *owner == TokenOwner::App);
                self.keep(happened, cursor).await;
            }
            Err(failure) if helps_to_wait(&failure) => return Err(failure),
            Ok(Understood::Hidden { failure, .. }) | Err(failure) => {
                let at = activity.at().unwrap_or(heard.at);
                let room = activity.room();
                let here = room.and_then(|room| self.rooms.conversation_in(&room));
                self.pass_over(here, at, &failure).await;
            }
        }
        self.board.hidden(self.rooms.hidden()).await;
        Ok(())
    }

    /// What cannot be read by trying again is not read at all, and an administrator is told.
    async fn pass_over(
        &self,
        conversation: Option<ExternalConversation>,
        at: Timestamp,
        failure: &Failure,
    ) {
        tracing::warn!(failure.code, "what a socket told of cannot be read");
        self.unread.tell(conversation, at, &failure.code).await;
    }

    /// What a frame says; nothing where nobody here is concerned.
    async fn happened(
        &self,
        owner: &TokenOwner,
        activity: &Activity,
    ) -> Result<Understood, Failure> {
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
        let nothing = Understood::Happened(Vec::new());
        let found = match activity.news() {
            None => return Ok(nothing),
            Some(News::Posted { .. } | News::Edited { .. })
                if self.is_elsewhere(owner, activity).await? =>
            {
                return Ok(nothing);
            }
            Some(News::Changed(change)) => return ears.change(change).await,
            Some(News::Posted { message }) => self.fetch(owner, &message, Told::Standing).await?,
            Some(News::Edited { message, at }) => {
                self.fetch(owner, &message, Told::Edited { at }).await?
            }
            Some(News::Deleted { message, at }) => Found {
                told: Told::Deleted { at },
                ..Found::listed(message)
            },
        };
        ears.message(&found).await
    }

    async fn is_elsewhere(&self, owner: &TokenOwner, activity: &Activity) -> Result<bool, Failure> {
        match activity.room() {
            Some(room) => self.rooms.is_other_group(owner, &room).await,
            None => Ok(false),
        }
    }

    /// One that is not there may have been deleted already, or be called otherwise than its frame
    /// says: it counts as not read.
    async fn fetch(&self, owner: &TokenOwner, message: &str, told: Told) -> Result<Found, Failure> {
        let url = self.api.url(&["messages", message], &[]);
        let read: Result<Message, Failure> = self.api.get(owner, url, "messages.get").await;
        match &read {
            Ok(_) => self.board.read(owner, None).await,
            Err(failure) if helps_to_wait(failure) || failure.kind == FailureKind::Gone => {}
            Err(failure) => self.board.read(owner, Some(failure.code.clone())).await,
        }
        Ok(Found {
            told,
            ..Found::listed(read?)
        })
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

    /// An error leaves the cursor where it is: what was missed is read through another socket.
    async fn catch_up_bot(&self, since: Timestamp) -> Result<(), Failure> {
        match self.insist(|| self.told_to_bot(since)).await {
            Ok(happened) => {
                let newest = happened
                    .iter()
                    .map(|event| event.at)
                    .fold(since, Timestamp::max);
                self.keep(happened, Some(newest)).await;
                Ok(())
            }
            Err(failure) if helps_to_wait(&failure) => Err(failure),
            Err(failure) => {
                self.pass_over(None, since, &failure).await;
                Ok(())
            }
        }
    }

    /// What was said in the bot's own direct conversations after that, oldest first. One that may not
    /// be read keeps nobody from the others.
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
        let enough = |rooms: &[Room]| rooms.last().is_some_and(is_quiet);
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
            match self.told_in(&ears, &room.id, since).await {
                Ok(told) => happened.extend(told),
                Err(failure) if helps_to_wait(&failure) => return Err(failure),
                Err(failure) => {
                    let here = self.rooms.conversation_in(&room.id);
                    self.pass_over(here, since, &failure).await;
                }
            }
        }
        happened.retain(|event| event.at > since);
        happened.sort_by_key(|event| event.at);
        Ok(happened)
    }

    async fn told_in(
        &self,
        ears: &Ears<'_>,
        room: &str,
        since: Timestamp,
    ) -> Result<Vec<Incoming>, Failure> {
        let mut told = Vec::new();
        for message in history::list(&self.api, ears.eyes, room, since).await? {
            match ears.message(&Found::listed(message)).await? {
                Understood::Happened(happened) => told.extend(happened),
                Understood::Hidden { failure, .. } => return Err(failure),
            }
        }
        Ok(told)
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
                    sleep(pause_after(&failure, backoff.next(self.api.random()))).await;
                }
                outcome => return outcome,
            }
        }
    }
}

/// Whether the same may be read through another socket: with another token, or at another time.
fn helps_to_wait(failure: &Failure) -> bool {
    may_pass(failure) || failure.kind == FailureKind::NotAuthorised
}
