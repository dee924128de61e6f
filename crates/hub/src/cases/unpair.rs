//! Taking pairings apart, and what becomes of what was on its way and of guest accounts.

use causeway_connectors::GuestFailure;
use causeway_model::{
    Account, ConnectionId, DirectoryAccount, Mode, Pairing, Person, PersonId, Platform, Reason,
    Timestamp,
};
use causeway_store::{Lanes, Reader, StoreError, Tx};

use super::{
    look::{Look, Side, Sides},
    pairing::{changed, sides},
    who::resolve,
};
use crate::{
    Hub,
    api::{ErrorCode, HubError, NoticeCode, UnpairPerson, UnpairReport, UnpairingPreview},
    error::{failed, from_failure},
};

/// Ends pairings at once: what is queued because of them is not sent any more. A guest account is
/// deleted only when the administrator says so.
pub(crate) async fn unpair_person(hub: &Hub, args: UnpairPerson) -> Result<UnpairReport, HubError> {
    let person = resolve(hub, args.person).await?;
    let report = unpair_one(hub, person.id, args.secondary, args.remove_guest).await?;
    changed(hub).await?;
    Ok(report)
}

/// The same for one person of many. Whoever calls it says afterwards that pairings have
/// [`changed`].
pub(super) async fn unpair_one(
    hub: &Hub,
    person: PersonId,
    secondary: Option<Platform>,
    remove_guest: bool,
) -> Result<UnpairReport, HubError> {
    let sides = sides(hub).await?;
    let only = match secondary {
        Some(platform) => Some(sides.of_platform(platform)?.connection),
        None => None,
    };
    let now = hub.engine.clock().now();
    let (person, ended) = hub
        .write(move |tx| {
            let found = tx.person(person)?.ok_or(StoreError::NotFound("person"))?;
            let mut ended = Ended::default();
            for pairing in tx.pairings_of_person(person)? {
                if only.is_none_or(|only| only == pairing.secondary_connection) {
                    ended.end(tx, pairing, now)?;
                }
            }
            Ok((found, ended))
        })
        .await?;
    if ended.pairings.is_empty() {
        return Err(failed(ErrorCode::NotPaired, "This person is not paired.").build());
    }
    let guests = if remove_guest {
        remove_guests(hub, &sides, &ended.guests).await
    } else {
        Guests {
            left: ended.guests.len() as u64,
            ..Guests::default()
        }
    };
    Ok(report(&person, &sides, &ended, guests))
}

/// Ends one pairing within a commit of someone else's.
pub(super) fn end(tx: &Tx<'_>, pairing: Pairing, now: Timestamp) -> Result<(), StoreError> {
    Ended::default().end(tx, pairing, now)
}

/// What unpairing these people would do.
pub(super) fn preview(
    reader: &Reader<'_>,
    people: &[PersonId],
    only: Option<ConnectionId>,
) -> Result<UnpairingPreview, StoreError> {
    let mut preview = UnpairingPreview::default();
    for person in people {
        preview.people += 1;
        let mut pairings = reader.pairings_of_person(*person)?;
        pairings.retain(|pairing| only.is_none_or(|only| only == pairing.secondary_connection));
        preview.not_paired += u32::from(pairings.is_empty());
        for pairing in pairings {
            preview.pairings += 1;
            preview.waiting += reader.count_queued(pairing.id)?;
            let has_guest = pairing.mode == Mode::Guest && pairing.secondary.is_some();
            preview.guests += u32::from(has_guest);
        }
    }
    Ok(preview)
}

/// What became of many.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    people: u64,
    cancelled: u64,
    removed: u64,
    left: u64,
}

impl Outcome {
    /// Adds one person.
    ///
    /// # Errors
    /// Why their guest account could not be deleted; they are unpaired all the same.
    pub(super) fn add(&mut self, one: UnpairReport) -> Result<(), HubError> {
        self.people += 1;
        self.cancelled += one.deliveries_cancelled;
        self.removed += one.guests_removed;
        self.left += one.guests_left;
        one.guest_error.map_or(Ok(()), Err)
    }

    pub(super) fn words(&self) -> String {
        let people = match self.people {
            1 => "1 person is unpaired.".to_owned(),
            many => format!("{many} people are unpaired."),
        };
        let guests = match (self.removed, self.left) {
            (0, 0) => String::new(),
            (removed, 0) => format!(" {removed} guest accounts are deleted."),
            (0, left) => format!(" {left} guest accounts are still there."),
            (removed, left) => {
                format!(" {removed} guest accounts are deleted, {left} are still there.")
            }
        };
        format!("{people} {}{guests}", queue_words(self.cancelled))
    }
}

fn queue_words(cancelled: u64) -> String {
    match cancelled {
        0 => "Nothing was waiting.".to_owned(),
        1 => "1 delivery that waited is not sent any more.".to_owned(),
        many => format!("{many} deliveries that waited are not sent any more."),
    }
}

/// What ended in one transaction.
#[derive(Debug, Default)]
struct Ended {
    pairings: Vec<Pairing>,
    cancelled: u64,
    /// Accounts that were made for them.
    guests: Vec<Account>,
}

impl Ended {
    fn end(&mut self, tx: &Tx<'_>, pairing: Pairing, now: Timestamp) -> Result<(), StoreError> {
        let cancelled = tx.cancel_queued(Lanes::Pairing(pairing.id), Reason::Unpaired, now)?;
        tx.end_pairing(pairing.id, now)?;
        if let Some(secondary) = pairing.secondary {
            // Who signs in from now on would do so for nothing.
            tx.end_sign_ins_of(secondary)?;
            if pairing.mode == Mode::Guest {
                self.guests.extend(tx.account(secondary)?);
            }
        }
        clear_notices(tx, &pairing)?;
        self.cancelled += u64::from(cancelled);
        self.pairings.push(pairing);
        Ok(())
    }
}

/// What an administrator was told about this person there is over.
fn clear_notices(tx: &Tx<'_>, pairing: &Pairing) -> Result<(), StoreError> {
    let home = tx.account(pairing.primary)?.map(|home| home.connection);
    for connection in home.into_iter().chain([pairing.secondary_connection]) {
        for code in NoticeCode::ALL {
            tx.clear_notice(connection, code.word(), Some(pairing.person))?;
        }
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Guests {
    removed: u64,
    left: u64,
    error: Option<HubError>,
}

async fn remove_guests(hub: &Hub, sides: &Sides, accounts: &[Account]) -> Guests {
    let mut guests = Guests::default();
    for account in accounts {
        match remove_guest(hub, sides, account).await {
            Ok(()) => guests.removed += 1,
            Err(error) => {
                guests.left += 1;
                guests.error = Some(error);
            }
        }
    }
    guests
}

async fn remove_guest(hub: &Hub, sides: &Sides, account: &Account) -> Result<(), HubError> {
    let place = sides
        .get(account.connection)
        .map_or_else(|| "The platform".to_owned(), Side::words);
    let connector = Look::of(hub).connector(account.connection);
    let Some(guests) = connector
        .as_deref()
        .and_then(|connector| connector.guests())
    else {
        return Err(failed(
            ErrorCode::NotAuthorised,
            format!("{place} is not connected."),
        )
        .action("Connect it again, or delete the guest there by hand.")
        .build());
    };
    match guests.remove(&account.external).await {
        Ok(()) | Err(GuestFailure::Gone) => forget(hub, account.clone()).await,
        Err(GuestFailure::Forbidden(code)) => Err(failed(
            ErrorCode::Forbidden,
            format!("{place} does not let the hub delete guests ({code})."),
        )
        .action("Delete the guest there by hand, or grant the missing permission.")
        .build()),
        Err(GuestFailure::OwnAddress) => Err(failed(
            ErrorCode::Forbidden,
            format!("The account in {place} is no guest: it is left as it is."),
        )
        .action("Look at the account there.")
        .build()),
        Err(GuestFailure::Failed(failure)) => Err(from_failure(&failure, &place)),
    }
}

/// The account is not there any more: it cannot be used, and its token says nothing.
async fn forget(hub: &Hub, account: Account) -> Result<(), HubError> {
    let now = hub.engine.clock().now();
    hub.write(move |tx| {
        let verified = tx.verified_address(account.id)?.is_some();
        let gone = DirectoryAccount {
            external: account.external.clone(),
            email: account.email.clone(),
            email_verified: verified,
            name: account.name.clone(),
            photo: account.photo.clone(),
            kind: account.kind,
            active: false,
        };
        tx.import_accounts(account.connection, &[gone], now)?;
        let owner = format!("account:{}", account.external);
        tx.revoke_token(account.connection, &owner, now)
    })
    .await
}

fn report(person: &Person, sides: &Sides, ended: &Ended, guests: Guests) -> UnpairReport {
    let places: Vec<_> = ended
        .pairings
        .iter()
        .filter_map(|pairing| sides.get(pairing.secondary_connection))
        .map(Side::words)
        .collect();
    UnpairReport {
        pairings_ended: ended.pairings.len() as u64,
        deliveries_cancelled: ended.cancelled,
        guests_removed: guests.removed,
        guests_left: guests.left,
        words: words(&person.name, &places, ended.cancelled, &guests),
        guest_error: guests.error,
    }
}

fn words(name: &str, places: &[String], cancelled: u64, guests: &Guests) -> String {
    let queue = queue_words(cancelled);
    let mut sentences = vec![
        format!(
            "{name} is not represented in {} any more.",
            places.join(" and in ")
        ),
        queue,
    ];
    if guests.removed > 0 {
        sentences.push("The guest account is deleted.".to_owned());
    }
    if guests.left > 0 {
        let left = match &guests.error {
            Some(error) => format!("The guest account is still there: {}", error.message),
            None => "The guest account is still there.".to_owned(),
        };
        sentences.push(left);
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teams() -> Vec<String> {
        vec!["Acme, Inc. (Microsoft Teams)".to_owned()]
    }

    #[test]
    fn unpairing_says_what_became_of_what_waited_and_of_the_guest() {
        let kept = Guests {
            left: 1,
            ..Guests::default()
        };
        assert_eq!(
            words("Cho Park", &teams(), 2, &kept),
            "Cho Park is not represented in Acme, Inc. (Microsoft Teams) any more. 2 deliveries \
             that waited are not sent any more. The guest account is still there."
        );
        let removed = Guests {
            removed: 1,
            ..Guests::default()
        };
        assert!(
            words("Cho Park", &teams(), 0, &removed)
                .ends_with("Nothing was waiting. The guest account is deleted.")
        );
    }

    #[test]
    fn a_guest_that_could_not_be_deleted_is_said_to_be_there_and_why() {
        let stuck = Guests {
            left: 1,
            error: Some(failed(ErrorCode::Forbidden, "The tenant says no.").build()),
            ..Guests::default()
        };
        assert!(
            words("Cho Park", &teams(), 1, &stuck)
                .ends_with("The guest account is still there: The tenant says no.")
        );
    }
}
