//! Hearing a tenant: for each account a poll and, where we can be reached, a subscription.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use causeway_model::{ExternalAccount, Failure};
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    chats::Chats,
    envelope::Envelope,
    graph::Graph,
    health::Part,
    notifications::{Desk, router},
    poll::{backoff, keep_polling},
    source::Source,
    subscriptions::{Address, Keeper, Subscriptions, take_down_leftovers},
    validation::SigningKeys,
};
use crate::{EventSink, Hearing, listener::Listener};

const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Hears until stopped. The only errors are those that no waiting mends.
pub(super) async fn listen(
    graph: Graph,
    chats: Arc<Chats>,
    listener: Option<&(Listener, String)>,
    sink: Arc<dyn EventSink>,
    mut hearing: watch::Receiver<Hearing>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let source = Arc::new(Source::new(graph, chats, sink));
    let Some(own) = own_account(&source, &stop).await else {
        return Ok(());
    };
    source.board.own(&own).await;
    let reached = match listener {
        Some((listener, name)) => Some(Reached::new(&source, listener.clone(), name)?),
        None => None,
    };
    if let Some(reached) = &reached {
        tokio::select! {
            () = stop.cancelled() => {}
            () = take_down_leftovers(&source, &reached.address) => {}
        }
    }
    let mut ears = Ears {
        source,
        reached,
        tasks: JoinSet::new(),
        stops: BTreeMap::new(),
        stop: stop.clone(),
    };
    loop {
        let mut accounts: BTreeSet<ExternalAccount> = hearing
            .borrow_and_update()
            .accounts
            .iter()
            .cloned()
            .collect();
        accounts.insert(own.clone());
        ears.turn_to(&accounts).await;
        tokio::select! {
            () = stop.cancelled() => break,
            changed = hearing.changed() => if changed.is_err() {
                // Nobody will name other accounts; these go on being heard.
                stop.cancelled().await;
                break;
            },
        }
    }
    ears.close().await;
    Ok(())
}

/// Who the service account is, asked until it is told; `None` when stopped before.
async fn own_account(source: &Source, stop: &CancellationToken) -> Option<ExternalAccount> {
    let named = ExternalAccount::new(source.graph.settings().service_account.as_str());
    let mut failures = 0;
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return None,
            asked = source.graph.own() => asked,
        };
        let failure = match asked {
            Ok(own) => {
                source.board.forget(&named).await;
                return Some(own.account.clone());
            }
            Err(failure) => failure,
        };
        failures += 1;
        let pause = backoff(&source.graph, &failure, failures, LONGEST_PAUSE);
        source.board.own(&named).await;
        source.board.trouble(Part::Poll, &named, failure).await;
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What only a hub has that Graph can reach.
struct Reached {
    listener: Listener,
    name: String,
    subscriptions: Arc<Subscriptions>,
    address: Arc<Address>,
}

impl Reached {
    fn new(source: &Arc<Source>, listener: Listener, name: &str) -> Result<Self, Failure> {
        let envelope = Envelope::make(source.graph.random())?;
        // The place is known only by mounting there; nothing knocks before the second time.
        let base = listener.mount(name, axum::Router::new());
        let address = Arc::new(Address { base, envelope });
        let subscriptions = Arc::new(Subscriptions::default());
        let desk = Desk {
            source: source.clone(),
            subscriptions: subscriptions.clone(),
            address: address.clone(),
            keys: SigningKeys::new(source.graph.clone()),
        };
        listener.mount(name, router(Arc::new(desk)));
        Ok(Self {
            listener,
            name: name.to_owned(),
            subscriptions,
            address,
        })
    }
}

/// The accounts heard now, each with tasks of its own: none waits for another.
struct Ears {
    source: Arc<Source>,
    reached: Option<Reached>,
    tasks: JoinSet<()>,
    stops: BTreeMap<ExternalAccount, CancellationToken>,
    stop: CancellationToken,
}

impl Ears {
    async fn turn_to(&mut self, accounts: &BTreeSet<ExternalAccount>) {
        let left: Vec<ExternalAccount> = self
            .stops
            .keys()
            .filter(|account| !accounts.contains(*account))
            .cloned()
            .collect();
        for account in left {
            if let Some(stop) = self.stops.remove(&account) {
                stop.cancel();
            }
            self.source.board.forget(&account).await;
        }
        for account in accounts {
            if !self.stops.contains_key(account) {
                self.open(account.clone());
            }
        }
        // Whoever has ended is let go of.
        while self.tasks.try_join_next().is_some() {}
    }

    fn open(&mut self, account: ExternalAccount) {
        let stop = self.stop.child_token();
        self.stops.insert(account.clone(), stop.clone());
        let source = self.source.clone();
        let looked = CancellationToken::new();
        let Some(reached) = &self.reached else {
            self.tasks
                .spawn(async move { keep_polling(&source, account, None, looked, stop).await });
            return;
        };
        let (subscriptions, address) = (reached.subscriptions.clone(), reached.address.clone());
        self.tasks.spawn(async move {
            let keeper = Keeper {
                source: &source,
                subscriptions: &subscriptions,
                address: &address,
                account: account.clone(),
            };
            // What happened before comes first: notifications would overtake it.
            let keep = async {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = looked.cancelled() => keeper.keep(stop.clone()).await,
                }
            };
            let beside = Some(subscriptions.as_ref());
            let poll = keep_polling(
                &source,
                account.clone(),
                beside,
                looked.clone(),
                stop.clone(),
            );
            tokio::join!(keep, poll);
        });
    }

    async fn close(mut self) {
        while self.tasks.join_next().await.is_some() {}
        if let Some(reached) = self.reached {
            reached.listener.unmount(&reached.name);
        }
    }
}
