//! Someone asks the app for a person, and gets a conversation with them.

use causeway_model::{
    Account, ConnectionId, Content, Incoming, Inline, LegKind, LegState, PersonId, Speaker,
};
use causeway_relay::{
    ask::{Answer, Ask, Candidate, Reach, cannot_be_reached, help, read_ask, settle_ask},
    consent::{ConsentAnswer, read_button},
};
use causeway_store::{LegRow, NewLeg, StoreError};

use super::{
    Taken,
    consent::answered,
    legs::{ensure_leg, ensure_link},
    posts::has_app,
    rungs::note,
};
use crate::desk::Desk;

/// An answer that only the asker sees, where the platform has such a place. It goes out once,
/// beside the lanes: who misses it asks again.
pub(crate) struct AskReply {
    pub connection: ConnectionId,
    pub place: String,
    pub content: Content,
}

pub(super) fn ask(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
    text: &str,
    place: Option<&str>,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let asker = desk
        .tx
        .account_by_external(connection, &event.author.account)?;
    let Some((asker, person)) = asker.and_then(|account| {
        let person = account.person?;
        Some((account, person))
    }) else {
        return Ok(());
    };
    if let (Some(answer), None) = (ConsentAnswer::from_typed(text), place)
        && answered(desk, connection, &event.author.account, answer, None, taken)?
    {
        hear_in(desk, event, &asker)?;
        return Ok(());
    }
    let content = match read_ask(text) {
        Ask::Help => Content::plain(&help()),
        Ask::Find(wanted) => {
            let candidates = candidates(desk, connection, person, &wanted)?;
            match settle_ask(&wanted, &candidates) {
                Answer::Tell(words) => {
                    note_wanted(desk, connection, &candidates)?;
                    Content::plain(&words)
                }
                Answer::Open {
                    person: other,
                    name,
                } => open(desk, connection, person, other, &name, taken)?,
            }
        }
    };
    match place {
        Some(place) => {
            taken.replies.push(AskReply {
                connection,
                place: place.to_owned(),
                content,
            });
            Ok(())
        }
        None => answer_in_app_leg(desk, event, &asker, person, &content, taken),
    }
}

/// Somebody could not be reached: the administrator sees who.
fn note_wanted(
    desk: &mut Desk<'_, '_>,
    here: ConnectionId,
    candidates: &[Candidate],
) -> Result<(), StoreError> {
    if let [only] = candidates
        && only.reach == Reach::NotYet
    {
        desk.tx.note_wanted(only.person, here, desk.now)?;
    }
    Ok(())
}

/// Whoever writes to the app shows where their conversation with it is.
fn hear_in(desk: &mut Desk<'_, '_>, event: &Incoming, asker: &Account) -> Result<(), StoreError> {
    let known = desk
        .tx
        .leg_by_conversation(asker.connection, &event.conversation)?;
    let leg = desk.tx.app_leg(asker.connection, asker.id)?;
    if let (None, Some(leg)) = (known, leg.filter(|leg| leg.external.is_none())) {
        desk.tx.set_leg_conversation(leg.id, &event.conversation)?;
    }
    Ok(())
}

/// Somebody pressed a button under something that the app said. Whatever is not one of the hub's
/// own, or not theirs to press, changes nothing.
pub(super) fn pressed(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
    button: &str,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if let Some((answer, subject)) = read_button(button) {
        let by = &event.author.account;
        answered(desk, connection, by, answer, Some(&subject), taken)?;
    }
    Ok(())
}

fn candidates(
    desk: &Desk<'_, '_>,
    here: ConnectionId,
    asker: PersonId,
    wanted: &str,
) -> Result<Vec<Candidate>, StoreError> {
    let mut candidates = Vec::new();
    for person in desk.tx.find_people(wanted)? {
        let reach = reach(desk, here, asker, person.id)?;
        candidates.push(Candidate {
            person: person.id,
            name: person.name,
            title: person.email,
            reach,
        });
    }
    Ok(candidates)
}

fn reach(
    desk: &Desk<'_, '_>,
    here: ConnectionId,
    asker: PersonId,
    other: PersonId,
) -> Result<Reach, StoreError> {
    if other == asker {
        return Ok(Reach::Oneself);
    }
    if let Some(pairing) = desk.tx.pairing_of(other, here)? {
        let home = desk.tx.account(pairing.primary)?;
        if home.is_some_and(|home| home.active && home.connection != here) {
            return Ok(Reach::Reachable);
        }
    }
    let here = desk.account_on(other, here)?;
    Ok(match here {
        Some(account) if account.active => Reach::SamePlatform,
        Some(_) | None => Reach::NotYet,
    })
}

/// Opens the conversation with `other`, or finds it again, and says so.
fn open(
    desk: &mut Desk<'_, '_>,
    here: ConnectionId,
    asker: PersonId,
    other: PersonId,
    name: &str,
    taken: &mut Taken,
) -> Result<Content, StoreError> {
    let Some(pairing) = desk.tx.pairing_of(other, here)? else {
        return Ok(Content::plain(&help()));
    };
    let Some(home) = desk
        .tx
        .account(pairing.primary)?
        .map(|account| account.connection)
    else {
        return Ok(Content::plain(&help()));
    };
    let link = ensure_link(desk, (asker, here), (other, home))?;
    let (_, stand_in) = desk.stand_in(other, here)?;
    let Some(leg) = ensure_leg(desk, &link, here, taken)? else {
        return Ok(Content::plain(&help()));
    };
    if leg.kind == LegKind::Native && !stand_in.is_heard() {
        return Ok(Content::plain(&cannot_be_reached(name)));
    }
    if has_app(leg.kind) {
        let platform = desk.platform_name(home);
        let words = format!("Write to {name} here. What you write reaches them in {platform}.");
        note(desk, &leg, &Content::plain(&words), None)?;
    }
    taken.lane(leg.id);
    opened(desk, &leg, name)
}

fn opened(desk: &Desk<'_, '_>, leg: &LegRow, name: &str) -> Result<Content, StoreError> {
    let stand_in = match leg.stand_in {
        Some(account) => desk.tx.account(account)?,
        None => None,
    };
    Ok(match (leg.kind, stand_in) {
        (LegKind::Native, Some(account)) => Content {
            blocks: vec![causeway_model::Block::Paragraph(vec![
                Inline::Text("Write to ".to_owned()),
                Inline::Mention {
                    account: account.external,
                    name: account.name,
                },
                Inline::Text(" directly: it reaches them where they work.".to_owned()),
            ])],
        },
        (LegKind::Native | LegKind::Group | LegKind::Private | LegKind::App, _) => Content::plain(
            &format!("Your conversation with {name} is open. It says where."),
        ),
    })
}

/// Where the platform has no private place for an answer: the asker's conversation with the app.
fn answer_in_app_leg(
    desk: &mut Desk<'_, '_>,
    event: &Incoming,
    asker: &Account,
    person: PersonId,
    content: &Content,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    hear_in(desk, event, asker)?;
    let found = desk
        .tx
        .leg_by_conversation(asker.connection, &event.conversation)?;
    let leg = match found {
        Some(leg) => leg,
        None => {
            let id = desk.tx.add_leg(&NewLeg {
                link: None,
                connection: asker.connection,
                person,
                kind: LegKind::App,
                state: LegState::Current,
                external: Some(event.conversation.clone()),
                speaker: Speaker::App,
                stand_in: None,
                open_relay_id: None,
                created_at: desk.now,
            })?;
            desk.tx.leg(id)?.ok_or(StoreError::NotFound("leg"))?
        }
    };
    note(desk, &leg, content, None)?;
    taken.lane(leg.id);
    Ok(())
}
