//! Subscriptions to accounts' messages: made, renewed at half their life, taken down.
//!
//! Source: <https://learn.microsoft.com/graph/api/subscription-post-subscriptions>,
//! <https://learn.microsoft.com/graph/change-notifications-lifecycle-events>.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use causeway_model::{ExternalAccount, Failure, FailureKind, Timestamp};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    envelope::Envelope,
    health::Part,
    poll::backoff,
    refusal::PROTECTED_API,
    settings::Hear,
    source::Source,
    wire::{moment, written},
};
use crate::TokenOwner;

/// How long a subscription is asked to live.
const LIFE_MS: i64 = 60 * 60 * 1_000;
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// What taking a subscription down may hold up stopping.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What Graph says about a subscription rather than through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Lifecycle {
    ReauthorizationRequired,
    SubscriptionRemoved,
    Missed,
}

/// The subscriptions that are ours now, and what proves that a notification is of one of them.
#[derive(Default)]
pub(super) struct Subscriptions {
    /// By account: at most one each.
    ours: Mutex<HashMap<ExternalAccount, Ours>>,
}

struct Ours {
    /// Absent until Graph has answered; its first notification may come before that.
    id: Option<String>,
    client_state: String,
    owner: TokenOwner,
    tell: mpsc::Sender<Lifecycle>,
    /// Set off once a poll has read what happened before the subscription heard.
    caught_up: CancellationToken,
}

/// Whose messages a genuine notification tells of, and with whose token they may be looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subscriber {
    pub account: ExternalAccount,
    pub owner: TokenOwner,
}

/// One subscription that is heard now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SubscriptionId(String);

impl Subscriptions {
    /// Whose subscription it is; `None` for one that is not ours or does not know our secret.
    pub(super) fn subscriber(&self, id: &str, client_state: &str) -> Option<Subscriber> {
        let ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        ours.iter()
            .filter(|(_, ours)| ours.id.as_deref().is_none_or(|known| known == id))
            .find(|(_, ours)| {
                let state = ours.client_state.as_bytes();
                verify_slices_are_equal(state, client_state.as_bytes()).is_ok()
            })
            .map(|(account, ours)| Subscriber {
                account: account.clone(),
                owner: ours.owner.clone(),
            })
    }

    /// The subscription by which the account is heard now.
    pub(super) fn live(&self, account: &ExternalAccount) -> Option<SubscriptionId> {
        let ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        ours.get(account)?.id.clone().map(SubscriptionId)
    }

    /// A poll that began while this subscription was heard has been kept: nothing that happened
    /// before it is still to come.
    pub(super) fn caught_up(&self, account: &ExternalAccount, with: &SubscriptionId) {
        let ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ours) = ours.get(account)
            && ours.id.as_ref() == Some(&with.0)
        {
            ours.caught_up.cancel();
        }
    }

    /// Resolves once what happened before the account's subscription has been read.
    pub(super) fn catching_up(&self, account: &ExternalAccount) -> CancellationToken {
        let ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        ours.get(account)
            .map(|ours| ours.caught_up.clone())
            .unwrap_or_default()
    }

    pub(super) fn tell(&self, account: &ExternalAccount, lifecycle: Lifecycle) {
        let ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ours) = ours.get(account) {
            // Full means that as much is waiting already: what is there does the same.
            let _ = ours.tell.try_send(lifecycle);
        }
    }

    fn enter(&self, account: &ExternalAccount, ours: Ours) {
        let mut all = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(account.clone(), ours);
    }

    fn made(&self, account: &ExternalAccount, id: &str) {
        let mut all = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ours) = all.get_mut(account) {
            ours.id = Some(id.to_owned());
        }
    }

    fn gone(&self, account: &ExternalAccount) {
        let mut all = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(account);
    }
}

/// Where Graph is to send to, and what it is to encrypt with.
pub(super) struct Address {
    /// Public URL of our mount, without a slash at its end.
    pub base: String,
    pub envelope: Envelope,
}

impl Address {
    fn notifications(&self) -> String {
        format!("{}/notifications", self.base)
    }

    fn lifecycle(&self) -> String {
        format!("{}/lifecycle", self.base)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    id: String,
    expiration_date_time: Option<String>,
    notification_url: Option<String>,
}

struct Live {
    id: String,
    ends: Timestamp,
    owner: TokenOwner,
}

/// One account's subscription, kept alive until stopped.
pub(super) struct Keeper<'a> {
    pub source: &'a Source,
    pub subscriptions: &'a Subscriptions,
    pub address: &'a Address,
    pub account: ExternalAccount,
}

/// What ends a wait for the next renewal.
enum Woken {
    ByTime,
    By(Lifecycle),
    ToStop,
}

impl Keeper<'_> {
    pub(super) async fn keep(&self, stop: CancellationToken) {
        let mut unapproved = false;
        let mut failures = 0;
        while !stop.is_cancelled() {
            let owner = match self.owner(unapproved).await {
                Ok(owner) => owner,
                Err(failure) => {
                    failures += 1;
                    self.pause_after(failure, failures, &stop).await;
                    continue;
                }
            };
            let by_app = owner == TokenOwner::AppLevel;
            let (tell, told) = mpsc::channel(8);
            match self.make(owner, tell).await {
                Ok(live) => {
                    failures = 0;
                    // What happened between the last poll and this subscription is read back.
                    self.source.poll_soon(&self.account);
                    self.tend(live, told, &stop).await;
                    self.subscriptions.gone(&self.account);
                    // What happened between two subscriptions is read back.
                    self.source.poll_soon(&self.account);
                }
                Err(failure) if by_app && failure.code == PROTECTED_API => unapproved = true,
                Err(failure) => {
                    self.subscriptions.gone(&self.account);
                    failures += 1;
                    self.pause_after(failure, failures, &stop).await;
                }
            }
        }
        self.subscriptions.gone(&self.account);
    }

    async fn owner(&self, unapproved: bool) -> Result<TokenOwner, Failure> {
        let graph = &self.source.graph;
        let by_app = match graph.settings().hear {
            Hear::Application => !unapproved && graph.reader() == TokenOwner::AppLevel,
            Hear::Delegated => false,
        };
        if by_app {
            return Ok(TokenOwner::AppLevel);
        }
        self.source.own_token_of(&self.account).await
    }

    async fn pause_after(&self, failure: Failure, failures: u32, stop: &CancellationToken) {
        let pause = backoff(&self.source.graph, &failure, failures, LONGEST_PAUSE);
        // Whoever has not signed in is told of by the polls.
        if failure.code != "no_token" {
            let board = &self.source.board;
            board
                .trouble(Part::Subscription, &self.account, failure)
                .await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }

    async fn make(
        &self,
        owner: TokenOwner,
        tell: mpsc::Sender<Lifecycle>,
    ) -> Result<Live, Failure> {
        let graph = &self.source.graph;
        let client_state = format!("{:032x}", graph.random().bits());
        let ends = graph.clock().now().plus_ms(LIFE_MS);
        let body = self.wanted(&client_state, ends);
        self.subscriptions.enter(
            &self.account,
            Ours {
                id: None,
                client_state,
                owner: owner.clone(),
                tell,
                caught_up: CancellationToken::new(),
            },
        );
        let url = graph.url(&["subscriptions"], &[]);
        let made: Subscription = graph
            .make(&owner, url, &body, "subscriptions.create")
            .await?;
        self.subscriptions.made(&self.account, &made.id);
        let board = &self.source.board;
        board.fine(Part::Subscription, &self.account).await;
        self.source.begun().await;
        self.source.poll_soon(&self.account);
        Ok(Live {
            ends: end_of(&made, ends),
            id: made.id,
            owner,
        })
    }

    fn wanted(&self, client_state: &str, ends: Timestamp) -> Value {
        json!({
            "changeType": "created,updated,deleted",
            "notificationUrl": self.address.notifications(),
            "lifecycleNotificationUrl": self.address.lifecycle(),
            "resource": format!("/users/{}/chats/getAllMessages", self.account),
            "expirationDateTime": written(ends),
            "clientState": client_state,
            "includeResourceData": true,
            "encryptionCertificate": self.address.envelope.certificate(),
            "encryptionCertificateId": self.address.envelope.certificate_id(),
        })
    }

    /// Renews it as long as that works; returns when it must be made anew, or at the end.
    async fn tend(
        &self,
        mut live: Live,
        mut told: mpsc::Receiver<Lifecycle>,
        stop: &CancellationToken,
    ) {
        let mut failures = 0;
        let mut wait = self.half_life(&live);
        loop {
            let woken = tokio::select! {
                () = stop.cancelled() => Woken::ToStop,
                Some(lifecycle) = told.recv() => Woken::By(lifecycle),
                () = tokio::time::sleep(wait) => Woken::ByTime,
            };
            let renewed = match woken {
                Woken::ToStop => return self.take_down(&live).await,
                Woken::By(Lifecycle::SubscriptionRemoved) => return,
                Woken::By(Lifecycle::Missed) => {
                    self.source.poll_soon(&self.account);
                    continue;
                }
                Woken::By(Lifecycle::ReauthorizationRequired) => self.reauthorized(&mut live).await,
                Woken::ByTime => self.renewed(&mut live).await,
            };
            match renewed {
                Ok(()) => {
                    failures = 0;
                    wait = self.half_life(&live);
                }
                Err(failure) if failure.kind == FailureKind::Gone => return,
                Err(failure) => {
                    failures += 1;
                    wait = backoff(&self.source.graph, &failure, failures, LONGEST_PAUSE);
                    let board = &self.source.board;
                    board
                        .trouble(Part::Subscription, &self.account, failure)
                        .await;
                    if self.source.graph.clock().now() >= live.ends {
                        return;
                    }
                }
            }
        }
    }

    fn half_life(&self, live: &Live) -> Duration {
        let left = live.ends.ms_since(self.source.graph.clock().now());
        let half = Duration::from_millis(u64::try_from(left / 2).unwrap_or(0));
        half.max(SHORTEST_WAIT)
    }

    async fn reauthorized(&self, live: &mut Live) -> Result<(), Failure> {
        let graph = &self.source.graph;
        let url = graph.url(&["subscriptions", &live.id, "reauthorize"], &[]);
        let doing = "subscriptions.reauthorize";
        graph
            .write(&live.owner, Method::POST, url, None, doing)
            .await?;
        self.renewed(live).await
    }

    async fn renewed(&self, live: &mut Live) -> Result<(), Failure> {
        let graph = &self.source.graph;
        let ends = graph.clock().now().plus_ms(LIFE_MS);
        let url = graph.url(&["subscriptions", &live.id], &[]);
        let body = json!({ "expirationDateTime": written(ends) });
        let doing = "subscriptions.update";
        let answer = graph
            .write(&live.owner, Method::PATCH, url, Some(&body), doing)
            .await?;
        let said = serde_json::from_slice::<Subscription>(&answer).ok();
        live.ends = said.map_or(ends, |said| end_of(&said, ends));
        let board = &self.source.board;
        board.fine(Part::Subscription, &self.account).await;
        Ok(())
    }

    /// Left standing, it would end by itself; until then Graph would knock in vain.
    async fn take_down(&self, live: &Live) {
        let graph = &self.source.graph;
        let url = graph.url(&["subscriptions", &live.id], &[]);
        let doing = "subscriptions.delete";
        let call = graph.write(&live.owner, Method::DELETE, url, None, doing);
        match tokio::time::timeout(LAST_WORD, call).await {
            Ok(Ok(_)) => {}
            Ok(Err(failure)) => {
                tracing::warn!(failure.code = %failure.code, "a subscription was not taken down");
            }
            Err(_) => tracing::warn!("a subscription was not taken down in time"),
        }
    }
}

/// Takes down what an earlier run, which did not end well, left at our address.
pub(super) async fn take_down_leftovers(source: &Source, address: &Address) {
    let graph = &source.graph;
    let owner = graph.reader();
    let url = graph.url(&["subscriptions"], &[]);
    let listed: Result<Vec<Subscription>, Failure> = graph
        .pages(&owner, url, usize::MAX, "subscriptions.list")
        .await;
    let here = address.notifications();
    let left = listed.unwrap_or_default().into_iter();
    for old in left.filter(|old| old.notification_url.as_deref() == Some(here.as_str())) {
        let url = graph.url(&["subscriptions", &old.id], &[]);
        let doing = "subscriptions.delete";
        if let Err(failure) = graph.write(&owner, Method::DELETE, url, None, doing).await {
            tracing::warn!(failure.code = %failure.code, "an old subscription was not taken down");
        }
    }
}

fn end_of(subscription: &Subscription, asked: Timestamp) -> Timestamp {
    let said = subscription.expiration_date_time.as_deref();
    said.and_then(moment).unwrap_or(asked)
}
