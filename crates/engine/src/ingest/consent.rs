//! Asking somebody for their consent, and what their answers change.
//!
//! A prompt is a delivery in its person's conversation with the app, made in the commit of the
//! message that calls for it, and unique per account in the store. Its relay id follows from the
//! account alone: where the store has forgotten a prompt (a restored backup), the conversation
//! itself still shows it, and it is not sent again.

use causeway_connectors::TokenOwner;
use causeway_model::{
    Account, AccountId, AskedBecause, Button, ConnectionId, Consent, Content, ExternalAccount,
    Operation, Pairing, PersonId, Platform, RelayId, SignInWay,
};
use causeway_relay::{
    consent::ConsentAnswer,
    words::{self, Ask, Begin},
};
use causeway_store::{NewDelivery, NewPrompt, PromptRow, SignInRow, StoreError, Tx};
use serde::{Deserialize, Serialize};

use super::{
    Taken,
    legs::ensure_app_leg,
    rungs::{note, reconsider},
};
use crate::{desk::Desk, vault::owner_word};

/// A device code's life, as long as nobody has said otherwise.
const CODE_LIFE_MS: i64 = 15 * 60_000;
/// Sign-ins of one account that may be open at the same time; more presses replace the oldest.
const OPEN_SIGN_INS: usize = 5;

/// What a prompt's delivery says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    pub content: Content,
    pub buttons: Vec<Button>,
    /// Whether it is said once for ever: then the conversation is looked through first.
    pub once: bool,
}

/// At a message across: asks whoever is represented by an account of theirs on `connection`, if
/// this is their first.
pub(super) fn ask_if_first(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    connection: ConnectionId,
    because: AskedBecause,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some((pairing, account)) = desk.represented_by(person, connection)? else {
        return Ok(());
    };
    match desk.way_to_ask(&pairing, &account)? {
        Some(how) => ask(desk, &pairing, &account, how, because, taken),
        None => Ok(()),
    }
}

/// Asks the owner of an account. Nothing happens when the hub has asked by itself before.
pub(crate) fn ask(
    desk: &mut Desk<'_, '_>,
    pairing: &Pairing,
    account: &Account,
    how: SignInWay,
    because: AskedBecause,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let subject = match because.is_automatic() {
        true => own_subject(desk, account)?,
        false => desk.world.relay_id(),
    };
    if desk.tx.prompt_by_subject(&subject)?.is_some()
        || desk.tx.delivery_by_relay_id(&subject)?.is_some()
    {
        return Ok(());
    }
    let standing = desk.consent(pairing, account)?;
    // Messages wait for the first answer only: whoever is asked again later has been spoken for by
    // the app for a while.
    let until = match &standing {
        Consent::Asked { until, .. } => *until,
        _ if because.is_automatic() => desk.now.plus_ms(desk.world.consent.wait_ms()),
        _ => desk.now,
    };
    let Ok(asked) = standing.ask(because, how, desk.now, until) else {
        return Ok(());
    };
    let Some(primary) = desk.tx.account(pairing.primary)? else {
        return Ok(());
    };
    let leg = ensure_app_leg(desk, &primary, pairing.person)?;
    let card = card(desk, &primary, account, how, &subject, because);
    let last = desk.tx.last_source_at(leg.id)?.unwrap_or_default();
    let delivery = desk.tx.add_delivery(&NewDelivery {
        leg: leg.id,
        message: None,
        operation: Operation::Prompt,
        part: 0,
        relay_id: subject.clone(),
        source_at: desk.now.max(last),
        received_at: desk.now,
        due_at: desk.now,
        content: Some(serde_json::to_string(&card)?),
        late: false,
    })?;
    desk.tx.add_prompt(&NewPrompt {
        account: account.id,
        because,
        subject,
        delivery,
        at: desk.now,
    })?;
    desk.tx.set_consent(account.id, &asked)?;
    if until <= desk.now {
        desk.tx.lapse_consent(account.id, desk.now)?;
        reconsider(desk, pairing.person, account.connection, taken)?;
    }
    taken.lane(leg.id);
    taken.deadlines = true;
    Ok(())
}

fn card(
    desk: &Desk<'_, '_>,
    primary: &Account,
    account: &Account,
    how: SignInWay,
    subject: &RelayId,
    because: AskedBecause,
) -> Card {
    let buttons = has_buttons(desk, primary.connection);
    let organisation = organisation(desk, account.connection);
    let link = link_of(desk, subject);
    let begin = match (how, &link) {
        (SignInWay::Link, Some(link)) => Begin::ByLink(link),
        (SignInWay::Link | SignInWay::DeviceCode, _) => Begin::ByAnswer,
    };
    let wait = words::span(desk.world.consent.wait_ms());
    let ask = Ask {
        platform: desk.platform_name(account.connection),
        organisation: &organisation,
        begin,
        buttons,
        otherwise: desk.otherwise(account.connection),
        wait: &wait,
    };
    let (content, buttons) = words::prompt(ask, subject);
    Card {
        content,
        buttons,
        once: because.is_automatic(),
    }
}

fn organisation(desk: &Desk<'_, '_>, connection: ConnectionId) -> String {
    let live = desk.world.live(connection);
    live.map(|live| live.name.to_string()).unwrap_or_default()
}

fn has_buttons(desk: &Desk<'_, '_>, connection: ConnectionId) -> bool {
    let live = desk.world.live(connection);
    live.is_some_and(|live| live.connector.capabilities().buttons)
}

/// The same for the same account for ever, whatever rows stand for it, and unguessable.
fn own_subject(desk: &Desk<'_, '_>, account: &Account) -> Result<RelayId, StoreError> {
    let platform = desk
        .world
        .live(account.connection)
        .map_or(Platform::Slack, |live| {
            live.connector.capabilities().platform
        });
    let named = format!("prompt:{}:{}", platform.word(), account.external);
    let digest = crate::prepare::digest(desk, &named)?;
    let mut bits = [0; 16];
    bits.copy_from_slice(&digest[..16]);
    Ok(RelayId::from_bits(u128::from_be_bytes(bits)))
}

/// Somebody answers to being asked, by a button that names the prompt or by a word. False when
/// there is nothing that it could be an answer to.
pub(super) fn answered(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    author: &ExternalAccount,
    answer: ConsentAnswer,
    subject: Option<&RelayId>,
    taken: &mut Taken,
) -> Result<bool, StoreError> {
    let account = desk.tx.account_by_external(connection, author)?;
    let Some(person) = account.and_then(|account| account.person) else {
        return Ok(false);
    };
    let mut prompts = desk.tx.prompts_of_person(person)?;
    if let Some(subject) = subject {
        // Whoever presses must be who was asked: a forwarded button is nobody's.
        let prompt = desk.tx.prompt_by_subject(subject)?;
        let asked = prompt.map(|prompt| prompt.account);
        prompts.retain(|prompt| Some(prompt.account) == asked);
    }
    let mut taken_up = false;
    for prompt in prompts {
        taken_up |= take_answer(desk, person, &prompt, answer, taken)?;
        if taken_up && answer != ConsentAnswer::Stop {
            break;
        }
    }
    if taken_up {
        return Ok(true);
    }
    match answer {
        // A token that an administrator brought is theirs to take back as well.
        ConsentAnswer::Stop => stop_all(desk, person, taken),
        ConsentAnswer::Start => start_again(desk, person, taken),
        ConsentAnswer::Decline => Ok(false),
    }
}

fn take_answer(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    prompt: &PromptRow,
    answer: ConsentAnswer,
    taken: &mut Taken,
) -> Result<bool, StoreError> {
    let Some(account) = desk.tx.account(prompt.account)? else {
        return Ok(false);
    };
    let Some((pairing, account)) = desk.represented_by(person, account.connection)? else {
        return Ok(false);
    };
    if account.id != prompt.account {
        return Ok(false);
    }
    let consent = desk.consent(&pairing, &account)?;
    let granted = matches!(consent, Consent::Granted { .. });
    match answer {
        ConsentAnswer::Start if granted => {
            let platform = desk.platform_name(account.connection);
            say(desk, person, &words::granted(platform), taken)?;
        }
        ConsentAnswer::Start => start(desk, person, prompt, &account, taken)?,
        ConsentAnswer::Decline => match consent.decline(desk.now) {
            Ok(declined) => decline(desk, person, &account, &declined, taken)?,
            Err(_) => return Ok(false),
        },
        ConsentAnswer::Stop if granted => {
            let said_no = Consent::Declined { at: desk.now };
            stop(desk, person, &account, &said_no, taken)?;
        }
        ConsentAnswer::Stop => return Ok(false),
    }
    Ok(true)
}

/// Somebody begins, in whichever way there is.
fn start(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    prompt: &PromptRow,
    account: &Account,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let platform = desk.platform_name(account.connection);
    match desk.world.sign_in_way(account.connection) {
        Some(SignInWay::DeviceCode) => begin(desk, account, taken),
        Some(SignInWay::Link) => match link_of(desk, &prompt.subject) {
            Some(link) => say(desk, person, &words::open_link(platform, &link), taken),
            None => Ok(()),
        },
        None => say(desk, person, &words::administrator_needed(platform), taken),
    }
}

/// The consent page of a prompt, where the hub has a public address.
fn link_of(desk: &Desk<'_, '_>, subject: &RelayId) -> Option<String> {
    let page = desk.world.consent.page.as_ref()?;
    Some(format!("{page}/{}", subject.as_str()))
}

/// A sign-in by device code is wanted: the engine gets the code and says it.
fn begin(desk: &mut Desk<'_, '_>, account: &Account, taken: &mut Taken) -> Result<(), StoreError> {
    make_room(desk.tx, account.id)?;
    desk.tx.add_sign_in(&SignInRow {
        id: 0,
        account: account.id,
        way: SignInWay::DeviceCode,
        state: None,
        secret: None,
        interval_ms: 5_000,
        expires_at: desk.now.plus_ms(CODE_LIFE_MS),
    })?;
    taken.sign_ins = true;
    Ok(())
}

/// Ends the oldest sign-ins of an account, so that another can begin.
pub(crate) fn make_room(tx: &Tx<'_>, account: AccountId) -> Result<(), StoreError> {
    let open = tx.sign_ins_of(account)?;
    let too_many = (open.len() + 1).saturating_sub(OPEN_SIGN_INS);
    for oldest in open.iter().take(too_many) {
        tx.end_sign_in(oldest.id)?;
    }
    Ok(())
}

/// Records a no: nothing is sent as them, their own chats are not read, and what waited goes out
/// through the app where that can speak for them.
pub(crate) fn decline(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    account: &Account,
    declined: &Consent,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    desk.tx.set_consent(account.id, declined)?;
    desk.tx.end_sign_ins_of(account.id)?;
    reconsider(desk, person, account.connection, taken)?;
    taken.hearing = true;
    let platform = desk.platform_name(account.connection);
    let content = words::declined(platform, desk.otherwise(account.connection));
    say(desk, person, &content, taken)
}

/// Takes back what was granted. By its owner's word that is a no, after which their own chats are
/// not read either; by the administrator's it is revoked.
pub(crate) fn stop(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    account: &Account,
    becomes: &Consent,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let owner = owner_word(&TokenOwner::Account(account.external.clone()));
    desk.tx.revoke_token(account.connection, &owner, desk.now)?;
    desk.tx.set_consent(account.id, becomes)?;
    reconsider(desk, person, account.connection, taken)?;
    taken.hearing = true;
    let platform = desk.platform_name(account.connection);
    let undone = match becomes {
        Consent::Declined { .. } => desk.speaks_by_role(account.connection),
        _ => false,
    };
    let content = words::stopped(platform, desk.otherwise(account.connection), undone);
    say(desk, person, &content, taken)
}

/// Somebody who had taken back what nobody needs to sign in for lets the hub speak as them again.
/// What an administrator has revoked stays so.
fn start_again(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    taken: &mut Taken,
) -> Result<bool, StoreError> {
    let mut any = false;
    for pairing in desk.tx.pairings_of_person(person)? {
        let connection = pairing.secondary_connection;
        let represented = match desk.speaks_by_role(connection) {
            true => desk.represented_by(person, connection)?,
            false => None,
        };
        let Some((pairing, account)) = represented else {
            continue;
        };
        let consent = desk.consent(&pairing, &account)?;
        if let Consent::Declined { .. } = consent
            && let Ok(granted) = consent.grant(desk.now, String::new())
        {
            desk.tx.set_consent(account.id, &granted)?;
            reconsider(desk, person, connection, taken)?;
            taken.hearing = true;
            let platform = desk.platform_name(connection);
            say(desk, person, &words::granted(platform), taken)?;
            any = true;
        }
    }
    Ok(any)
}

fn stop_all(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    taken: &mut Taken,
) -> Result<bool, StoreError> {
    let mut any = false;
    let primaries: Vec<_> = desk
        .tx
        .pairings_of_person(person)?
        .into_iter()
        .map(|pairing| pairing.primary)
        .collect();
    // Also those that represent them nowhere any more.
    for account in desk.tx.accounts_of_person(person)? {
        let held = desk.holds_token(account.connection, &account.external)?;
        if held && !primaries.contains(&account.id) {
            let said_no = Consent::Declined { at: desk.now };
            stop(desk, person, &account, &said_no, taken)?;
            any = true;
        }
    }
    Ok(any)
}

/// The wait for an answer is over: what waited goes out through the app where that can speak for
/// its author, who is told once what becomes of it.
pub(crate) fn lapse(
    desk: &mut Desk<'_, '_>,
    account: &Account,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if !desk.tx.lapse_consent(account.id, desk.now)? {
        return Ok(());
    }
    let Some(person) = account.person else {
        return Ok(());
    };
    let before = taken.moved;
    reconsider(desk, person, account.connection, taken)?;
    if taken.moved > before {
        let platform = desk.platform_name(account.connection);
        let content = words::lapsed(platform, desk.otherwise(account.connection));
        say(desk, person, &content, taken)?;
    }
    Ok(())
}

/// Says something to somebody in their conversation with the app, where they work.
pub(crate) fn say(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    content: &Content,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(pairing) = desk.tx.pairings_of_person(person)?.into_iter().next() else {
        return Ok(());
    };
    let Some(primary) = desk.tx.account(pairing.primary)? else {
        return Ok(());
    };
    let leg = ensure_app_leg(desk, &primary, person)?;
    note(desk, &leg, content, None)?;
    taken.lane(leg.id);
    Ok(())
}

/// Whether what is about to be asked is still to be asked.
pub(crate) fn is_wanted(desk: &Desk<'_, '_>, prompt: &PromptRow) -> Result<bool, StoreError> {
    let Some(account) = desk.tx.account(prompt.account)? else {
        return Ok(false);
    };
    let Some(person) = account.person else {
        return Ok(false);
    };
    let Some((pairing, account)) = desk.represented_by(person, account.connection)? else {
        return Ok(false);
    };
    let asked = matches!(desk.consent(&pairing, &account)?, Consent::Asked { .. });
    Ok(asked && account.id == prompt.account)
}

/// Whether somebody who does not use buttons is told to press one.
pub(crate) fn presses_buttons(desk: &Desk<'_, '_>, person: PersonId) -> Result<bool, StoreError> {
    let pairing = desk.tx.pairings_of_person(person)?.into_iter().next();
    let primary = match pairing {
        Some(pairing) => desk.tx.account(pairing.primary)?,
        None => None,
    };
    Ok(primary.is_some_and(|primary| has_buttons(desk, primary.connection)))
}
