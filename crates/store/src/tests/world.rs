//! Ann, who works in Slack, and Bob, who works in Teams, with a link of two legs.

use causeway_model::{
    AccountKind, ConnectionId, DeliveryId, DeliveryState, DirectoryAccount, ExternalAccount,
    ExternalConversation, LegId, LegKind, LegState, LinkId, MessageId, Operation, PersonId,
    Platform, RelayId, Rung, Speaker, Timestamp,
};
use tempfile::TempDir;

use crate::{Attempt, NewConnection, NewDelivery, NewLeg, Settlement, Store, StoreError, Tx};

pub(super) const NOW: Timestamp = Timestamp(1_700_000_000_000);

pub(super) struct World {
    pub(super) store: Store,
    pub(super) slack: ConnectionId,
    pub(super) teams: ConnectionId,
    pub(super) ann: PersonId,
    pub(super) bob: PersonId,
    pub(super) link: LinkId,
    /// Ann's, on Slack.
    pub(super) slack_leg: LegId,
    /// Bob's, on Teams.
    pub(super) teams_leg: LegId,
    pub(super) folder: TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = super::open(folder.path());
        let (slack, teams, ann, bob) = do_write(&store, |tx| {
            let slack = connection(tx, Platform::Slack)?;
            let teams = connection(tx, Platform::Teams)?;
            tx.import_accounts(slack, &[listed("U1", "Ann Lee", "ann@acme.test")], NOW)?;
            tx.import_accounts(teams, &[listed("T1", "Bob Ray", "bob@acme.test")], NOW)?;
            Ok((
                slack,
                teams,
                owner(tx, slack, "U1")?,
                owner(tx, teams, "T1")?,
            ))
        })
        .await;
        let (link, slack_leg, teams_leg) = do_write(&store, move |tx| {
            let link = tx.ensure_link(ann, bob, slack, teams, NOW)?.id;
            let slack_leg = tx.add_leg(&leg(link, slack, ann, "D1"))?;
            let teams_leg = tx.add_leg(&leg(link, teams, bob, "19:x"))?;
            Ok((link, slack_leg, teams_leg))
        })
        .await;
        Self {
            store,
            slack,
            teams,
            ann,
            bob,
            link,
            slack_leg,
            teams_leg,
            folder,
        }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        do_write(&self.store, work).await
    }

    /// A message of Ann's, and its post on Bob's leg.
    pub(super) async fn post(&self, seconds: i64, content: &str) -> DeliveryId {
        let (origin, to, ann) = (self.slack_leg, self.teams_leg, self.ann);
        let content = content.to_owned();
        self.write(move |tx| {
            let message = message(tx, origin, ann, seconds)?;
            tx.add_delivery(&delivery(to, Some(message), seconds, Some(&content)))
        })
        .await
    }

    pub(super) async fn deliver(&self, id: DeliveryId) {
        self.write(move |tx| {
            tx.begin_attempt(id, NOW, &attempt())?;
            tx.settle(id, NOW, &ended(DeliveryState::Delivered))
        })
        .await;
    }

    pub(super) async fn state(&self, id: DeliveryId) -> DeliveryState {
        let delivery = self.store.read(move |reader| reader.delivery(id)).await;
        let delivery = delivery.expect("it can be read");
        delivery.expect("the delivery exists").state
    }
}

pub(super) async fn do_write<T: Send + 'static>(
    store: &Store,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write(work).await.expect("the work is committed")
}

pub(super) fn connection(tx: &Tx<'_>, platform: Platform) -> Result<ConnectionId, StoreError> {
    let new = NewConnection {
        platform,
        name: platform.name().to_owned(),
        settings: serde_json::json!({}),
    };
    tx.add_connection(&new, NOW)
}

pub(super) fn listed(external: &str, name: &str, email: &str) -> DirectoryAccount {
    DirectoryAccount {
        external: ExternalAccount::new(external),
        email: Some(email.to_owned()),
        email_verified: true,
        name: name.to_owned(),
        photo: None,
        kind: AccountKind::Full,
        active: true,
    }
}

pub(super) fn owner(
    tx: &Tx<'_>,
    connection: ConnectionId,
    external: &str,
) -> Result<PersonId, StoreError> {
    let account = tx.account_by_external(connection, &ExternalAccount::new(external))?;
    let account = account.ok_or(StoreError::NotFound("account"))?;
    account.person.ok_or(StoreError::NotFound("person"))
}

pub(super) fn leg(
    link: LinkId,
    connection: ConnectionId,
    person: PersonId,
    external: &str,
) -> NewLeg {
    NewLeg {
        link: Some(link),
        connection,
        person,
        kind: LegKind::Native,
        state: LegState::Current,
        external: Some(ExternalConversation::new(external)),
        speaker: Speaker::App,
        stand_in: None,
        open_relay_id: None,
        created_at: NOW,
    }
}

pub(super) fn message(
    tx: &Tx<'_>,
    origin: LegId,
    author: PersonId,
    seconds: i64,
) -> Result<MessageId, StoreError> {
    let external = causeway_model::ExternalMessage::new(format!("{seconds}.{:?}", fresh_bits()));
    let account = ExternalAccount::new("U1");
    tx.add_message(origin, &external, Some(author), &account, at(seconds))
}

pub(super) fn delivery(
    leg: LegId,
    message: Option<MessageId>,
    seconds: i64,
    content: Option<&str>,
) -> NewDelivery {
    NewDelivery {
        leg,
        message,
        operation: Operation::Post,
        part: 0,
        relay_id: RelayId::from_bits(fresh_bits()),
        source_at: at(seconds),
        received_at: at(seconds),
        due_at: at(seconds),
        content: content.map(str::to_owned),
        late: false,
    }
}

pub(super) fn attempt() -> Attempt {
    Attempt {
        digest: vec![7; 32],
        rung: Rung::Full,
        speaker: Speaker::App,
    }
}

pub(super) fn ended(state: DeliveryState) -> Settlement {
    Settlement {
        state,
        reason: None,
        external: None,
        rung: None,
    }
}

pub(super) fn at(seconds: i64) -> Timestamp {
    NOW.plus_ms(seconds * 1_000)
}

/// Different at every call.
fn fresh_bits() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed))
}
