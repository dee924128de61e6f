//! Hearing an organisation: one poll of its events, the sockets that ring for it and, where we can be
//! reached, webhooks that do as well.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use causeway_model::{ExternalAccount, Failure};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::{
    api::Api,
    gaps::{gaps, tell_gaps},
    health::Board,
    keeping::Keeping,
    poll::{Poll, Round},
    purpose::Purpose,
    rooms::Rooms,
    settings::Hear,
    sockets::keep_sockets,
    webhooks::Address,
};
use crate::{EventSink, Hearing, TokenOwner, listener::Listener};

/// Webex's feed lags behind what its webhooks tell: after one the poll is this brisk for a while.
const BRISK_ROUNDS: u32 = 5;
/// How much rarer is polled what is rung for.
const RARER: u32 = 5;
/// How often it is looked whether the webhooks are still there.
const LOOK_AFTER: Duration = Duration::from_secs(15 * 60);
/// How long sockets get to be closed, and their devices to be taken down.
const FAREWELL: Duration = Duration::from_secs(3);

/// Hears by sockets alone until stopped.
pub(super) async fn listen_by_sockets(
    api: Api,
    rooms: Arc<Rooms>,
    sink: Arc<dyn EventSink>,
    hearing: watch::Receiver<Hearing>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let board = Arc::new(Board::new(sink.clone(), Hear::Sockets));
    let (gaps, waiting) = gaps();
    let keeping = Keeping::new(api.clone(), rooms, sink.clone(), gaps, board.clone());
    let purpose = Purpose::Keep(Arc::new(keeping));
    let sockets = keep_sockets(&api, &purpose, &board, hearing, stop.clone());
    let telling = async {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tell_gaps(sink.as_ref(), waiting) => {}
        }
    };
    tokio::join!(telling, before_long(sockets, &stop));
    Ok(())
}

/// Hears by the organisation's events until stopped.
pub(super) async fn listen(
    api: Api,
    rooms: Arc<Rooms>,
    listener: Option<&(Listener, String)>,
    sink: Arc<dyn EventSink>,
    hearing: watch::Receiver<Hearing>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let board = Arc::new(Board::new(sink.clone(), Hear::Events));
    let bell = Arc::new(Notify::new());
    let address = listener.map(|(listener, name)| {
        // The place is known only by mounting there; nothing knocks before the second time.
        let base = listener.mount(name, axum::Router::new());
        let address = Address::new(&api, base, name);
        listener.mount(name, address.router(bell.clone()));
        address
    });
    let keep = async {
        if let Some(address) = &address {
            keep_hooked(&api, address, &board, hearing.clone()).await;
        }
    };
    let poll = Poll::new(api.clone(), rooms, sink.clone());
    let heard_by_bell = address.is_some();
    let polling = async {
        tokio::select! {
            () = stop.cancelled() => {}
            ((), ()) = async {
                tokio::join!(
                    keep,
                    keep_polling(&api, poll, &board, sink.as_ref(), &hearing, heard_by_bell, &bell),
                )
            } => {}
        }
    };
    let purpose = Purpose::Ring(bell.clone());
    let sockets = keep_sockets(&api, &purpose, &board, hearing.clone(), stop.clone());
    tokio::join!(polling, before_long(sockets, &stop));
    if let Some((listener, name)) = listener {
        listener.unmount(name);
    }
    Ok(())
}

/// Lets sockets say farewell, but not for long.
async fn before_long(sockets: impl Future<Output = ()>, stop: &CancellationToken) {
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        () = sockets => {}
        () = late => tracing::warn!("sockets were not closed in time"),
    }
}

async fn keep_polling(
    api: &Api,
    mut poll: Poll,
    board: &Board,
    sink: &dyn EventSink,
    hearing: &watch::Receiver<Hearing>,
    rung_for: bool,
    bell: &Notify,
) {
    let every = Duration::from_millis(api.settings().poll_every_ms);
    let (mut begun, mut brisk) = (false, BRISK_ROUNDS);
    loop {
        let accounts: HashSet<ExternalAccount> =
            hearing.borrow().accounts.iter().cloned().collect();
        let pause = match poll.round(&accounts).await {
            Ok(round) => {
                board.heard(poll.hidden()).await;
                if !std::mem::replace(&mut begun, true) {
                    sink.listening().await;
                }
                match round {
                    Round::More => Duration::ZERO,
                    Round::CaughtUp if rung_for && brisk == 0 => every * RARER,
                    Round::CaughtUp => every,
                }
            }
            Err(failure) => {
                let pause = poll.pause_after(&failure).max(every);
                board.unheard(failure).await;
                pause
            }
        };
        brisk = brisk.saturating_sub(1);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = bell.notified() => brisk = BRISK_ROUNDS,
        }
    }
}

/// Sets the webhooks of the bot and of everyone whose token is held, and looks after them.
async fn keep_hooked(
    api: &Api,
    address: &Address,
    board: &Board,
    mut hearing: watch::Receiver<Hearing>,
) {
    let mut hooked: BTreeSet<TokenOwner> = BTreeSet::new();
    loop {
        let accounts = hearing.borrow_and_update().accounts.clone();
        let owners = owners(api, accounts).await;
        hooked.retain(|owner| owners.contains(owner));
        let unhooked = hook_all(api, address, &owners, &mut hooked).await;
        board.unhooked(unhooked).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK_AFTER) => {}
            changed = hearing.changed() => if changed.is_err() {
                tokio::time::sleep(LOOK_AFTER).await;
            },
        }
    }
}

/// The bot, and whom webhooks can be set for: what a guest's token is for is fixed, and that is not.
async fn owners(api: &Api, accounts: Vec<ExternalAccount>) -> BTreeSet<TokenOwner> {
    let mut owners = BTreeSet::from([TokenOwner::App]);
    for account in accounts {
        match api.tokens().guest_name(&account).await {
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => {
                owners.insert(TokenOwner::Account(account));
            }
        }
    }
    owners
}

/// Answers how many have none, and why the last of them has not. Nothing is wrong with somebody who
/// was never asked.
async fn hook_all(
    api: &Api,
    address: &Address,
    owners: &BTreeSet<TokenOwner>,
    hooked: &mut BTreeSet<TokenOwner>,
) -> Option<(usize, String)> {
    let mut unhooked: Option<(usize, String)> = None;
    for owner in owners {
        match hook(api, address, owner, hooked.contains(owner)).await {
            Ok(()) => {
                hooked.insert(owner.clone());
            }
            Err(failure) if failure.code == "no_token" => {}
            Err(failure) => {
                hooked.remove(owner);
                let count = unhooked.map_or(0, |(count, _)| count);
                unhooked = Some((count + 1, failure.code));
            }
        }
    }
    unhooked
}

async fn hook(
    api: &Api,
    address: &Address,
    owner: &TokenOwner,
    was_hooked: bool,
) -> Result<(), Failure> {
    if was_hooked && address.is_hooked(api, owner).await? {
        return Ok(());
    }
    address.hook(api, owner).await
}
