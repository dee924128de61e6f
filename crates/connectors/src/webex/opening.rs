//! Making the room of a pair, and finding one that may have been made.
//!
//! Source: <https://developer.webex.com/docs/api/v1/rooms/create-a-room>,
//! `memberships/create-a-membership`.

use std::collections::HashSet;

use causeway_model::{
    ExternalAccount, ExternalConversation, Failure, FailureKind, LegKind, OpenConversation,
    Speaker, Timestamp,
};
use reqwest::Method;
use serde_json::json;

use super::{
    api::Api,
    pair::Pair,
    refusal::may_pass,
    rooms::Rooms,
    wire::{Room, moment},
};
use crate::{TokenOwner, html::one_line};

/// How many of the bot's rooms are looked through for one just made.
const MOST_SEARCHED: usize = 2_000;
/// How far Webex's clock may be behind ours.
const SKEW_MS: i64 = 30_000;
const MOST_TITLE_CHARS: usize = 120;
/// Somebody who is in the room already.
const CONFLICT: &str = "http_409";

/// What came of filling a room with its members.
enum Filled {
    Done,
    /// Somebody without whom it is of no use may not come in.
    Refused(Failure),
}

/// The name of the conversation; only a group has to be made for it.
pub(super) async fn open(
    api: &Api,
    rooms: &Rooms,
    wanted: &OpenConversation,
) -> Result<ExternalConversation, Failure> {
    match wanted.kind {
        LegKind::Native | LegKind::App => direct(api, wanted).await,
        LegKind::Group => make_group(api, rooms, wanted).await,
        LegKind::Private => Err(no_private_rooms()),
    }
}

pub(super) async fn find_opened(
    api: &Api,
    rooms: &Rooms,
    wanted: &OpenConversation,
    since: Timestamp,
) -> Result<Option<ExternalConversation>, Failure> {
    match wanted.kind {
        LegKind::Native | LegKind::App => direct(api, wanted).await.map(Some),
        LegKind::Group => find_group(api, rooms, wanted, since).await,
        LegKind::Private => Err(no_private_rooms()),
    }
}

async fn direct(api: &Api, wanted: &OpenConversation) -> Result<ExternalConversation, Failure> {
    let other = match (wanted.kind, &wanted.stand_in) {
        (LegKind::Native, Some(stand_in)) => stand_in.clone(),
        (LegKind::Native, None) => api.account(&wanted.speaker).await?,
        (LegKind::App | LegKind::Group | LegKind::Private, _) => api.account(&Speaker::App).await?,
    };
    Ok(Pair::of(&other, &wanted.person).conversation())
}

async fn make_group(
    api: &Api,
    rooms: &Rooms,
    wanted: &OpenConversation,
) -> Result<ExternalConversation, Failure> {
    let body = json!({
        "title": title(&wanted.stand_in_name),
        "description": description(wanted),
    });
    let url = api.url(&["rooms"], &[]);
    let made: Room = api
        .make(&TokenOwner::App, url, &body, "rooms.create")
        .await?;
    rooms.note_bot(&made.id, true).await.ok();
    match fill(api, &made.id, wanted).await {
        Ok(Filled::Done) => Ok(ExternalConversation::new(made.id)),
        Ok(Filled::Refused(failure)) => Err(failure),
        // The room stands: it must be found again, not made again.
        Err(failure) => Err(Failure {
            kind: FailureKind::Unknown,
            ..failure
        }),
    }
}

/// Lets the members in. A room whose person may not come in is taken down again; without what
/// stands for the other it does as well.
async fn fill(api: &Api, room: &str, wanted: &OpenConversation) -> Result<Filled, Failure> {
    match add(api, room, &wanted.person).await {
        Ok(()) => {}
        Err(failure) if may_pass(&failure) => return Err(failure),
        Err(failure) => {
            take_down(api, room).await;
            return Ok(Filled::Refused(failure));
        }
    }
    let Some(stand_in) = &wanted.stand_in else {
        return Ok(Filled::Done);
    };
    match add(api, room, stand_in).await {
        Err(failure) if may_pass(&failure) => return Err(failure),
        Err(failure) => tracing::warn!(failure.code, "who stands for the other may not come in"),
        Ok(()) => {}
    }
    Ok(Filled::Done)
}

async fn add(api: &Api, room: &str, account: &ExternalAccount) -> Result<(), Failure> {
    let body = json!({ "roomId": room, "personId": account.as_str() });
    let url = api.url(&["memberships"], &[]);
    let doing = "memberships.create";
    let added = api.write(&TokenOwner::App, Method::POST, url, Some(&body), doing);
    match added.await {
        Err(failure) if failure.code == CONFLICT => Ok(()),
        added => added.map(drop),
    }
}

async fn take_down(api: &Api, room: &str) {
    let url = api.url(&["rooms", room], &[]);
    let doing = "rooms.delete";
    let taken = api.write(&TokenOwner::App, Method::DELETE, url, None, doing);
    if let Err(failure) = taken.await {
        tracing::warn!(failure.code, "a room without anybody is left behind");
    }
}

async fn find_group(
    api: &Api,
    rooms: &Rooms,
    wanted: &OpenConversation,
    since: Timestamp,
) -> Result<Option<ExternalConversation>, Failure> {
    let query = [("type", "group"), ("sortBy", "created"), ("max", "200")];
    let url = api.url(&["rooms"], &query);
    let enough = |rooms: &[Room]| rooms.len() >= MOST_SEARCHED;
    let listed = api
        .pages(&TokenOwner::App, url, "rooms.list", enough)
        .await?;
    let earliest = since.plus_ms(-SKEW_MS);
    let bot = api.bot().await?;
    let mut candidates: Vec<(Timestamp, Room)> = listed
        .into_iter()
        .filter(|room| room.title.as_deref() == Some(&title(&wanted.stand_in_name)))
        .filter(|room| {
            room.creator_id
                .as_deref()
                .is_none_or(|by| by == bot.as_str())
        })
        .filter_map(|room| Some((moment(room.created.as_deref()?)?, room)))
        .filter(|(created, _)| *created >= earliest)
        .collect();
    candidates.sort_by_key(|(created, _)| *created);
    for (_, room) in candidates.into_iter().rev() {
        if is_wanted(rooms, &room, wanted, bot).await? {
            rooms.note_bot(&room.id, true).await?;
            return match fill(api, &room.id, wanted).await? {
                Filled::Done => Ok(Some(ExternalConversation::new(room.id))),
                Filled::Refused(_) => Ok(None),
            };
        }
    }
    Ok(None)
}

/// By what the room says of itself; where Webex keeps no such thing, by who is in it.
async fn is_wanted(
    rooms: &Rooms,
    room: &Room,
    wanted: &OpenConversation,
    bot: &ExternalAccount,
) -> Result<bool, Failure> {
    if let Some(said) = room.description.as_deref().filter(|said| !said.is_empty()) {
        return Ok(said == description(wanted));
    }
    let members = rooms.members(&TokenOwner::App, &room.id).await?;
    let mut allowed: HashSet<&str> = HashSet::from([bot.as_str(), wanted.person.as_str()]);
    allowed.extend(wanted.stand_in.as_ref().map(ExternalAccount::as_str));
    let mut members = members.iter();
    Ok(members.all(|member| allowed.contains(member.person_id.as_str())))
}

fn title(name: &str) -> String {
    let title: String = one_line(name).chars().take(MOST_TITLE_CHARS).collect();
    match title.trim() {
        "" => "Causeway".to_owned(),
        title => title.to_owned(),
    }
}

/// By which the room is told from others of the same name.
fn description(wanted: &OpenConversation) -> String {
    format!("Causeway {}", wanted.relay_id.as_str())
}

fn no_private_rooms() -> Failure {
    Failure::new(FailureKind::NotSupported, "private_room", "rooms.create")
}
