//! What a delivery asks for: the call to be made, by whom, and under whose name.

use std::sync::Arc;

use causeway_connectors::{Connector, SaidBy, ShownAs};
use causeway_model::{
    Account, Content, Delivery, DeliveryState, ExternalConversation, LegKind, LegState, Operation,
    Reason, Rung, Speaker, Timestamp,
};
use causeway_relay::{
    voice::{OwnVoice, TokenState, Voice, VoiceFacts, choose_voice},
    words,
};
use causeway_store::{Attempt, LegRow, StoreError};

use crate::{
    desk::Desk,
    ingest::{
        consent::{Card, is_wanted},
        wanted_conversation,
    },
    lane::{Act, Work},
};

/// What arrives this much later than it was written says so.
const LATE_MS: i64 = 15 * 60_000;

/// What is left of an attempt that was committed in an earlier life of the hub.
pub(crate) enum Rebuilt {
    /// The platform can be asked about it.
    Work(Box<Work>),
    /// Nothing needs to be asked.
    Settled(DeliveryState, Option<Reason>),
    /// Doing it once more does no harm, if it is still to be done.
    Again,
    /// Its connection is out of use: look again later.
    NotNow,
    Undecidable,
}

/// The work of a delivery whose attempt was committed in an earlier life of the hub. Whoever spoke
/// then is whom to look for, whatever has changed since.
pub(crate) fn rebuild(desk: &Desk<'_, '_>, delivery: &Delivery) -> Result<Rebuilt, StoreError> {
    let spoke = desk
        .tx
        .attempt_info(delivery.id)?
        .and_then(|attempt| attempt.speaker);
    let content = desk.tx.content(delivery.id)?;
    Ok(match prepare(desk, delivery, content.as_deref(), spoke)? {
        Prepared::Ready(ready) => {
            let Ready {
                act,
                leg,
                connector,
                ..
            } = *ready;
            Rebuilt::Work(Box::new(Work {
                delivery: delivery.clone(),
                leg,
                connector,
                act,
                looks_first: false,
            }))
        }
        Prepared::Settled(state, reason) => Rebuilt::Settled(state, reason),
        Prepared::Stuck(_) | Prepared::Homeless if delivery.operation == Operation::Open => {
            rebuild_opening(desk, delivery)?
        }
        Prepared::Stuck(_) | Prepared::Homeless => Rebuilt::Undecidable,
    })
}

/// There is one native conversation of two accounts, and one of somebody with the app, however often
/// it is opened; any other may have been made, and is looked for once the platform can be asked.
fn rebuild_opening(desk: &Desk<'_, '_>, delivery: &Delivery) -> Result<Rebuilt, StoreError> {
    let Some(leg) = desk.tx.leg(delivery.leg)? else {
        return Ok(Rebuilt::Undecidable);
    };
    Ok(match leg.kind {
        LegKind::Native | LegKind::App => Rebuilt::Again,
        LegKind::Group | LegKind::Private if desk.world.live(leg.connection).is_none() => {
            Rebuilt::NotNow
        }
        LegKind::Group | LegKind::Private => Rebuilt::Undecidable,
    })
}

/// A delivery that can be sent as things stand.
pub(crate) struct Ready {
    pub act: Act,
    pub rung: Rung,
    pub leg: LegRow,
    pub connector: Arc<dyn Connector>,
}

pub(crate) enum Prepared {
    Ready(Box<Ready>),
    Settled(DeliveryState, Option<Reason>),
    Stuck(Reason),
    /// It cannot be said in this conversation any more: another one may do.
    Homeless,
}

/// What a delivery asks for. `spoke` is who has already spoken for it, if anyone has.
pub(crate) fn prepare(
    desk: &Desk<'_, '_>,
    head: &Delivery,
    content: Option<&str>,
    spoke: Option<Speaker>,
) -> Result<Prepared, StoreError> {
    let Some(leg) = desk.tx.leg(head.leg)? else {
        return Ok(Prepared::Settled(DeliveryState::Dead, Some(Reason::Gone)));
    };
    let Some(live) = desk.world.live(leg.connection) else {
        return Ok(Prepared::Stuck(Reason::NotAuthorised));
    };
    let connector = Arc::clone(&live.connector);
    if head.operation == Operation::Open {
        return prepare_open(desk, leg, connector);
    }
    let Some(conversation) = leg.external.clone() else {
        return Ok(match (leg.state, head.operation) {
            (LegState::Current, _) => Prepared::Stuck(Reason::Gone),
            // What stands in a conversation that was given up cannot be changed by anyone, and what
            // the hub had to say there concerns nobody any more.
            (
                LegState::Old | LegState::Closed,
                Operation::Edit | Operation::Delete | Operation::Note,
            ) => Prepared::Settled(DeliveryState::Cancelled, Some(Reason::Superseded)),
            (
                LegState::Old | LegState::Closed,
                Operation::Post | Operation::Prompt | Operation::Open,
            ) => Prepared::Homeless,
        });
    };
    if head.operation == Operation::Prompt {
        return prepare_prompt(desk, head, leg, conversation, content, connector);
    }
    let content: Content = content
        .map(serde_json::from_str)
        .transpose()?
        .unwrap_or_default();
    match head.operation {
        Operation::Post | Operation::Note => {
            // An attempt that was made is looked for as it was made.
            let sent_at = match spoke {
                Some(_) => head.intent_at.unwrap_or(desk.now),
                None => desk.now,
            };
            let content = marked_if_late(content, head, head.source_at, sent_at);
            let (rung, speaker) = match (spoke, voice(desk, head, &leg)?) {
                (Some(spoke), _) => (rung_of(&spoke), spoke),
                (None, Voice::Speak { rung, speaker }) => (rung, speaker),
                (None, Voice::Wait) => return Ok(Prepared::Stuck(Reason::AwaitingConsent)),
                (None, Voice::Silent) => return Ok(Prepared::Homeless),
            };
            let shown_as = shown_as(desk, head, &leg, &speaker)?;
            let act = Act::Say {
                conversation,
                speaker,
                shown_as,
                content,
                buttons: Vec::new(),
                once: false,
            };
            Ok(Prepared::Ready(Box::new(Ready {
                act,
                rung,
                leg,
                connector,
            })))
        }
        Operation::Edit | Operation::Delete => {
            prepare_change(desk, head, leg, conversation, content, connector)
        }
        Operation::Open | Operation::Prompt => Ok(Prepared::Stuck(Reason::Gone)),
    }
}

/// A prompt goes out as long as there is still something to be asked.
fn prepare_prompt(
    desk: &Desk<'_, '_>,
    head: &Delivery,
    leg: LegRow,
    conversation: ExternalConversation,
    content: Option<&str>,
    connector: Arc<dyn Connector>,
) -> Result<Prepared, StoreError> {
    let prompt = desk.tx.prompt_of_delivery(head.id)?;
    let wanted = match &prompt {
        Some(prompt) => is_wanted(desk, prompt)?,
        None => false,
    };
    let card: Option<Card> = content.map(serde_json::from_str).transpose()?;
    let (Some(card), true) = (card, wanted) else {
        let needless = Some(Reason::NotNeeded);
        return Ok(Prepared::Settled(DeliveryState::Cancelled, needless));
    };
    Ok(Prepared::Ready(Box::new(Ready {
        act: Act::Say {
            conversation,
            speaker: Speaker::App,
            shown_as: None,
            content: card.content,
            buttons: card.buttons,
            once: card.once,
        },
        rung: Rung::App,
        leg,
        connector,
    })))
}

fn prepare_open(
    desk: &Desk<'_, '_>,
    leg: LegRow,
    connector: Arc<dyn Connector>,
) -> Result<Prepared, StoreError> {
    if leg.external.is_some() {
        // Somebody has begun it natively meanwhile, and it was adopted.
        return Ok(Prepared::Settled(DeliveryState::Delivered, None));
    }
    if let LegState::Old | LegState::Closed = leg.state {
        let superseded = Some(Reason::Superseded);
        return Ok(Prepared::Settled(DeliveryState::Cancelled, superseded));
    }
    if leg.kind == LegKind::Native {
        match stand_in_token(desk, &leg)? {
            TokenState::Held => {}
            TokenState::Awaited => return Ok(Prepared::Stuck(Reason::AwaitingConsent)),
            TokenState::None => return Ok(Prepared::Homeless),
        }
    }
    let wanted = wanted_conversation(desk, &leg)?;
    Ok(match wanted {
        Some(wanted) => {
            let rung = rung_of(&wanted.speaker);
            Prepared::Ready(Box::new(Ready {
                act: Act::Open(wanted),
                rung,
                leg,
                connector,
            }))
        }
        None => Prepared::Stuck(Reason::Gone),
    })
}

fn rung_of(speaker: &Speaker) -> Rung {
    match speaker {
        Speaker::App => Rung::App,
        Speaker::Account(_) => Rung::Full,
    }
}

/// An edit or a deletion goes out as whoever posted the message.
fn prepare_change(
    desk: &Desk<'_, '_>,
    head: &Delivery,
    leg: LegRow,
    conversation: ExternalConversation,
    content: Content,
    connector: Arc<dyn Connector>,
) -> Result<Prepared, StoreError> {
    let copies = match head.message {
        Some(message) => desk.tx.copies(message)?,
        None => Vec::new(),
    };
    let copy = copies
        .into_iter()
        .find(|copy| copy.leg == leg.id && copy.part == head.part);
    let Some(copy) = copy else {
        return Ok(Prepared::Settled(
            DeliveryState::Cancelled,
            Some(Reason::OriginalMissing),
        ));
    };
    let (message, speaker, rung) = (copy.external, copy.speaker, copy.rung);
    let act = if head.operation == Operation::Edit {
        let content = match head
            .message
            .map(|message| desk.tx.message(message))
            .transpose()?
        {
            Some(Some(original)) => marked_if_late(content, head, original.at, copy.at),
            Some(None) | None => content,
        };
        let shown_as = shown_as(desk, head, &leg, &speaker)?;
        Act::Change {
            conversation,
            message,
            speaker,
            shown_as,
            content,
        }
    } else {
        Act::Remove {
            conversation,
            message,
            speaker,
        }
    };
    Ok(Prepared::Ready(Box::new(Ready {
        act,
        rung,
        leg,
        connector,
    })))
}

/// What a post, a note or a prompt may read like where it stands: as it is kept, and with the note
/// that it is late.
pub(crate) fn readings(
    desk: &Desk<'_, '_>,
    delivery: &Delivery,
) -> Result<Vec<Content>, StoreError> {
    let Some(kept) = desk.tx.content(delivery.id)? else {
        return Ok(Vec::new());
    };
    if delivery.operation == Operation::Prompt {
        let card: Card = serde_json::from_str(&kept)?;
        return Ok(vec![card.content]);
    }
    let kept: Content = serde_json::from_str(&kept)?;
    let late = late_reading(kept.clone(), delivery.part, delivery.source_at);
    Ok(vec![kept, late])
}

/// What a part of a message reads like where it arrived long after it was written.
pub(crate) fn late_reading(content: Content, part: u16, written_at: Timestamp) -> Content {
    match words::written_at(written_at).filter(|_| part == 0) {
        Some(mark) => content.led_by(mark),
        None => content,
    }
}

/// What arrives long after it was written says when that was; its first part does.
fn marked_if_late(
    content: Content,
    delivery: &Delivery,
    written_at: Timestamp,
    sent_at: Timestamp,
) -> Content {
    let is_late = delivery.message.is_some() && sent_at.ms_since(written_at) > LATE_MS;
    if is_late {
        late_reading(content, delivery.part, written_at)
    } else {
        content
    }
}

/// As whom the author of this delivery speaks on its leg.
fn voice(desk: &Desk<'_, '_>, head: &Delivery, leg: &LegRow) -> Result<Voice, StoreError> {
    let author = match head.message {
        Some(message) => desk
            .tx
            .message(message)?
            .and_then(|message| message.author_person),
        None => None,
    };
    let account = match author {
        None => None,
        Some(author) if author == leg.person => desk.account_on(author, leg.connection)?,
        // Not once it stands for somebody else, or nobody: no one speaks under another's name.
        Some(author) => desk
            .represented_by(author, leg.connection)?
            .map(|(_, account)| account)
            .filter(|account| leg.stand_in == Some(account.id)),
    };
    let account = match account.filter(|account| account.active) {
        Some(account) => own_voice(desk, &account)?,
        None => None,
    };
    Ok(choose_voice(&VoiceFacts {
        leg: leg.kind,
        account,
    }))
}

/// An account as a voice, as far as the hub may use it.
pub(crate) fn own_voice(
    desk: &Desk<'_, '_>,
    account: &Account,
) -> Result<Option<OwnVoice>, StoreError> {
    Ok(Some(OwnVoice {
        account: account.external.clone(),
        guest: Desk::is_guest(account),
        token: desk.token_state(account)?,
    }))
}

fn stand_in_token(desk: &Desk<'_, '_>, leg: &LegRow) -> Result<TokenState, StoreError> {
    let account = match leg.stand_in {
        Some(account) => desk.tx.account(account)?.filter(|account| account.active),
        None => None,
    };
    match account {
        Some(account) => desk.token_state(&account),
        None => Ok(TokenState::None),
    }
}

/// The author's name and photo, when the app speaks for them.
fn shown_as(
    desk: &Desk<'_, '_>,
    head: &Delivery,
    leg: &LegRow,
    speaker: &Speaker,
) -> Result<Option<ShownAs>, StoreError> {
    if *speaker != Speaker::App {
        return Ok(None);
    }
    let message = match head.message {
        Some(message) => desk.tx.message(message)?,
        None => None,
    };
    let Some(author) = message.and_then(|message| message.author_person) else {
        return Ok(None);
    };
    let accounts = desk.tx.accounts_of_person(author)?;
    let photo = accounts
        .iter()
        .filter(|account| account.connection != leg.connection)
        .chain(accounts.iter())
        .find_map(|account| account.photo.clone());
    Ok(Some(ShownAs {
        name: desk.name_of(author)?,
        photo,
    }))
}

pub(crate) fn attempt(
    desk: &Desk<'_, '_>,
    connector: &dyn Connector,
    act: &Act,
    rung: Rung,
) -> Result<Attempt, StoreError> {
    let (speaker, body) = match act {
        Act::Open(wanted) => (wanted.speaker.clone(), String::new()),
        Act::Say {
            conversation,
            speaker,
            shown_as,
            content,
            ..
        }
        | Act::Change {
            conversation,
            speaker,
            shown_as,
            content,
            ..
        } => {
            let by = SaidBy {
                conversation,
                speaker,
                shown_as: shown_as.as_ref(),
            };
            let read_back = connector.as_read_back(content, &by);
            (speaker.clone(), read_back.fingerprint())
        }
        Act::Remove { speaker, .. } => (speaker.clone(), String::new()),
    };
    Ok(Attempt {
        digest: digest(desk, &body)?,
        rung,
        speaker,
    })
}

/// The keyed digest by which a body is recognised without being kept.
pub(crate) fn digest(desk: &Desk<'_, '_>, body: &str) -> Result<Vec<u8>, StoreError> {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &desk.tx.digest_key()?);
    let signed = aws_lc_rs::hmac::sign(&key, body.as_bytes());
    Ok(signed.as_ref().to_vec())
}
