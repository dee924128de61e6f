//! Who has which address. Zoom names people by id in events, by address in lists, and takes only
//! addresses as where a message goes; the hub names members by id, and everybody else by address.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use causeway_model::{ExternalAccount, Failure, FailureKind};

use super::{
    api::Api,
    place::Place,
    refusal::may_pass,
    wire::{AtItem, Member, Members, ONE_CONTACT, User},
};

/// The memory is emptied when it holds so many.
const MOST_REMEMBERED: usize = 20_000;

/// What is known of members' addresses.
#[derive(Default)]
pub(super) struct People {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_address: HashMap<String, ExternalAccount>,
    addresses: HashMap<ExternalAccount, String>,
}

impl People {
    pub(super) fn remember(&self, user: &User) {
        if let Some(address) = user.email.as_deref().filter(|address| !address.is_empty()) {
            self.note(ExternalAccount::new(user.id.as_str()), address);
        }
    }

    fn note(&self, account: ExternalAccount, address: &str) {
        let mut known = self.known();
        if known.addresses.len() >= MOST_REMEMBERED {
            *known = Known::default();
        }
        known
            .by_address
            .insert(address.to_lowercase(), account.clone());
        known.addresses.insert(account, address.to_owned());
    }

    fn with_address(&self, address: &str) -> Option<ExternalAccount> {
        let known = self.known();
        known.by_address.get(&address.to_lowercase()).cloned()
    }

    fn address(&self, account: &ExternalAccount) -> Option<String> {
        self.known().addresses.get(account).cloned()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Api {
    /// The account with this address: a member's id, or for anybody else the address itself. So it
    /// is for a member whom the app may not look up, too: all that is lost is who they are.
    pub(super) async fn account_of(&self, address: &str) -> Result<ExternalAccount, Failure> {
        let found = self.look_up(address).await?;
        Ok(found.unwrap_or_else(|| by_address(address)))
    }

    /// The same for who wrote something in a place: whom the app may not look up is known from the
    /// list of those who are in it.
    pub(super) async fn sender(
        &self,
        address: &str,
        place: &Place,
        viewer: &ExternalAccount,
    ) -> Result<ExternalAccount, Failure> {
        if let Some(found) = self.look_up(address).await? {
            return Ok(found);
        }
        if let Place::Channel(channel) = place {
            self.learn_members(channel, viewer).await?;
        }
        let learned = self.people().with_address(address);
        Ok(learned.unwrap_or_else(|| by_address(address)))
    }

    /// None where the app may not look.
    async fn look_up(&self, address: &str) -> Result<Option<ExternalAccount>, Failure> {
        if let Some(known) = self.people().with_address(address) {
            return Ok(Some(known));
        }
        match self.user(address).await {
            Ok(user) => Ok(Some(ExternalAccount::new(user.id))),
            Err(failure) if is_no_member(&failure) => {
                let outsider = by_address(address);
                self.people().note(outsider.clone(), address);
                Ok(Some(outsider))
            }
            Err(failure) if failure.kind == FailureKind::Forbidden => {
                tracing::warn!(failure.code = %failure.code, "a member may not be looked up");
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Notes which addresses the members of a channel have, as far as that is told.
    async fn learn_members(&self, channel: &str, viewer: &ExternalAccount) -> Result<(), Failure> {
        let (path, query) = (["channels", channel, "members"], [("page_size", "50")]);
        let doing = "channels.members";
        let listed = self.pages_of::<Members>(viewer, &path, &query, usize::MAX, doing);
        let listed = match listed.await {
            Err(failure) if may_pass(&failure) => return Err(failure),
            listed => listed.unwrap_or_default(),
        };
        let ours = listed.iter().filter(|member| !member.is_external);
        for member in ours.filter(|one| !one.id.is_empty() && !one.email.is_empty()) {
            let account = ExternalAccount::new(member.id.as_str());
            self.people().note(account, &member.email);
        }
        Ok(())
    }

    /// Where messages to the account go.
    pub(super) async fn address_of(&self, account: &ExternalAccount) -> Result<String, Failure> {
        if account.as_str().contains('@') {
            return Ok(account.as_str().to_owned());
        }
        if let Some(known) = self.people().address(account) {
            return Ok(known);
        }
        let user = self.user(account.as_str()).await?;
        user.email
            .filter(|address| !address.is_empty())
            .ok_or_else(|| Failure::new(FailureKind::Gone, "no_address", "users.get"))
    }

    /// Whoever is named by an id, an address or both: the same account however it was named. An id
    /// that is no member's is that of another account's user, whom lists know by address alone; one
    /// that the app may not look up is a member's.
    pub(super) async fn whoever(
        &self,
        id: &str,
        address: &str,
    ) -> Result<Option<ExternalAccount>, Failure> {
        let member = ExternalAccount::new(id);
        if self.people().address(&member).is_some() {
            return Ok(Some(member));
        }
        match (id.is_empty(), address.is_empty()) {
            (true, true) => Ok(None),
            (true, false) => self.account_of(address).await.map(Some),
            (false, false) => Ok(self.look_up(address).await?.or(Some(member))),
            (false, true) => Ok(Some(member)),
        }
    }

    /// A member of a channel: by id where it is the account's own, by address where it is not.
    pub(super) async fn member(&self, member: &Member) -> Result<Option<ExternalAccount>, Failure> {
        match member.is_external || member.id.is_empty() {
            true => self.whoever(&member.id, &member.email).await,
            false => Ok(Some(ExternalAccount::new(member.id.as_str()))),
        }
    }

    /// Puts accounts where mentions have addresses.
    pub(super) async fn name_mentioned(&self, items: &mut [AtItem]) -> Result<(), Failure> {
        let one = items.iter_mut().filter(|item| item.at_type == ONE_CONTACT);
        for item in one {
            let address = item.at_contact.as_deref().filter(|who| who.contains('@'));
            if let Some(address) = address {
                let account = self.account_of(address).await?;
                item.at_contact = Some(account.as_str().to_owned());
            }
        }
        Ok(())
    }
}

fn by_address(address: &str) -> ExternalAccount {
    ExternalAccount::new(address.to_lowercase())
}

fn is_no_member(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Gone | FailureKind::Rejected => true,
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::NotSupported
        | FailureKind::Unknown => false,
    }
}
