//! The sockets of everybody who is heard by one: they come and go with whom the hub hears for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{api::Api, health::Board, purpose::Purpose, socket::Keeper};
use crate::{Hearing, TokenOwner};

/// Keeps the bot's, and one of each account's, until stopped and all of them are closed.
pub(super) async fn keep_sockets(
    api: &Api,
    purpose: &Purpose,
    board: &Arc<Board>,
    mut hearing: watch::Receiver<Hearing>,
    stop: CancellationToken,
) {
    let mut kept: BTreeMap<TokenOwner, CancellationToken> = BTreeMap::new();
    let mut keepers = JoinSet::new();
    loop {
        let owners = owners(&hearing.borrow_and_update());
        kept.retain(|owner, end| {
            let goes_on = owners.contains(owner);
            if !goes_on {
                end.cancel();
            }
            goes_on
        });
        for owner in owners {
            kept.entry(owner.clone()).or_insert_with(|| {
                let end = stop.child_token();
                let (api, purpose, board) = (api.clone(), purpose.clone(), board.clone());
                let keeper = Keeper::new(api, owner, purpose, board);
                keepers.spawn(keeper.keep(end.clone()));
                end
            });
        }
        while keepers.try_join_next().is_some() {}
        let changed = tokio::select! {
            () = stop.cancelled() => break,
            changed = hearing.changed() => changed.is_ok(),
        };
        if !changed {
            stop.cancelled().await;
            break;
        }
    }
    while keepers.join_next().await.is_some() {}
}

fn owners(hearing: &Hearing) -> BTreeSet<TokenOwner> {
    let accounts = hearing.accounts.iter().cloned().map(TokenOwner::Account);
    accounts.chain([TokenOwner::App]).collect()
}
