use causeway_model::{Account, Consent, ExternalAccount, Mode, Platform};

use super::world::{NOW, World, connection, listed, owner};
use crate::{Conflict, NewConnection, NewPairing, Role, StoreError, Tx};

fn account(
    tx: &Tx<'_>,
    connection: causeway_model::ConnectionId,
    external: &str,
) -> Result<Account, StoreError> {
    tx.account_by_external(connection, &ExternalAccount::new(external))?
        .ok_or(StoreError::NotFound("account"))
}

/// Ann, from Slack, represented on Teams by the account `T2`, which the directory calls Anna.
fn ann_on_teams(world: &World, tx: &Tx<'_>) -> Result<NewPairing, StoreError> {
    tx.import_accounts(world.teams, &[listed("T2", "Anna", "anna@acme.test")], NOW)?;
    Ok(NewPairing {
        person: world.ann,
        primary: account(tx, world.slack, "U1")?.id,
        secondary_connection: world.teams,
        secondary: Some(account(tx, world.teams, "T2")?.id),
        mode: Mode::Full,
        guest: None,
        since: NOW,
    })
}

/// Runs `work` in a transaction, with the world at hand.
macro_rules! within {
    ($world:ident, $tx:ident, $work:expr) => {{
        let world = std::sync::Arc::clone(&$world);
        $world
            .store
            .write(move |$tx| {
                let $world = world;
                let _ = &$world;
                $work
            })
            .await
    }};
}

#[tokio::test]
async fn pairing_makes_the_secondary_account_the_persons_and_both_are_recognised() {
    let world = std::sync::Arc::new(World::new().await);
    let (primary, secondary, stranger, person) = within!(world, tx, {
        tx.add_pairing(&ann_on_teams(&world, tx)?)?;
        let standing =
            |connection, external| tx.paired_account(connection, &ExternalAccount::new(external));
        Ok((
            standing(world.slack, "U1")?,
            standing(world.teams, "T2")?,
            standing(world.teams, "T1")?,
            owner(tx, world.teams, "T2")?,
        ))
    })
    .expect("written");
    assert_eq!(person, world.ann);
    let primary = primary.expect("it is paired");
    assert_eq!((primary.role, primary.person), (Role::Primary, world.ann));
    let secondary = secondary.expect("it is paired");
    assert_eq!(
        (secondary.role, secondary.person),
        (Role::Secondary, world.ann)
    );
    assert_eq!(stranger, None);
}

#[tokio::test]
async fn a_person_is_paired_once_per_connection_until_the_pairing_ends() {
    let world = std::sync::Arc::new(World::new().await);
    let again = within!(world, tx, {
        let new = ann_on_teams(&world, tx)?;
        let first = tx.add_pairing(&new)?;
        let again = tx.add_pairing(&new);
        tx.end_pairing(first, NOW)?;
        tx.add_pairing(&new)?;
        assert_eq!(tx.active_pairings()?.len(), 1);
        Ok(again)
    });
    assert_eq!(again, Ok(Err(Conflict::AlreadyPaired.into())));
}

#[tokio::test]
async fn an_account_stands_for_one_person_only() {
    let world = std::sync::Arc::new(World::new().await);
    let refused = within!(world, tx, {
        let of_ann = ann_on_teams(&world, tx)?;
        tx.add_pairing(&of_ann)?;
        tx.import_accounts(world.slack, &[listed("U3", "Cid", "cid@acme.test")], NOW)?;
        let cid = account(tx, world.slack, "U3")?;
        let as_ann = NewPairing {
            person: owner(tx, world.slack, "U3")?,
            primary: cid.id,
            ..of_ann.clone()
        };
        // Bob, who works in Teams with the account that stands for Ann there.
        let from_hers = NewPairing {
            person: world.ann,
            primary: of_ann.secondary.expect("Full"),
            secondary_connection: world.slack,
            secondary: Some(cid.id),
            ..of_ann
        };
        Ok([tx.add_pairing(&as_ann), tx.add_pairing(&from_hers)])
    })
    .expect("written");
    assert_eq!(
        refused,
        [
            Err(Conflict::AccountTaken.into()),
            Err(Conflict::OtherPrimary.into())
        ]
    );
}

#[tokio::test]
async fn a_pairing_needs_two_connections_and_the_persons_own_primary() {
    let world = std::sync::Arc::new(World::new().await);
    let refused = within!(world, tx, {
        let good = ann_on_teams(&world, tx)?;
        let same_connection = NewPairing {
            secondary_connection: world.slack,
            secondary: None,
            mode: Mode::App,
            ..good.clone()
        };
        let not_hers = NewPairing {
            person: world.bob,
            ..good
        };
        Ok([tx.add_pairing(&same_connection), tx.add_pairing(&not_hers)])
    })
    .expect("written");
    let expected: StoreError = Conflict::NotTheirAccount.into();
    assert_eq!(refused, [Err(expected.clone()), Err(expected)]);
}

#[tokio::test]
async fn what_the_administrator_paired_an_import_does_not_take_apart() {
    let world = std::sync::Arc::new(World::new().await);
    let (kept, apart) = within!(world, tx, {
        let pairing = tx.add_pairing(&ann_on_teams(&world, tx)?)?;
        let renamed = listed("T2", "Anna L.", "other@acme.test");
        tx.import_accounts(world.teams, &[renamed], NOW)?;
        let kept = owner(tx, world.teams, "T2")?;
        tx.end_pairing(pairing, NOW)?;
        let renamed = listed("T2", "Anna L.", "third@acme.test");
        tx.import_accounts(world.teams, &[renamed], NOW)?;
        Ok((kept, owner(tx, world.teams, "T2")?))
    })
    .expect("written");
    assert_eq!(kept, world.ann);
    assert_ne!(apart, world.ann);
}

#[tokio::test]
async fn a_removed_connection_takes_its_pairings_and_secrets_along() {
    let world = std::sync::Arc::new(World::new().await);
    let queued = world.post(1, "hello").await;
    within!(world, tx, {
        tx.add_pairing(&ann_on_teams(&world, tx)?)?;
        tx.put_secret(world.teams, "client_secret", "s3cret")?;
        tx.put_secret(world.slack, "signing_secret", "s3cret")?;
        tx.remove_connection(world.teams, NOW)?;
        assert_eq!(tx.secret(world.teams, "client_secret")?, None);
        assert!(tx.secret(world.slack, "signing_secret")?.is_some());
        assert!(tx.active_pairings()?.is_empty());
        assert!(tx.connection(world.teams)?.is_none());
        assert_eq!(tx.connections()?.len(), 1);
        assert_eq!(tx.content(queued)?, None);
        let named = tx.activity_page(&crate::ActivityFilter::default(), None, 10)?;
        assert_eq!(named[0].to.platform, Platform::Teams);
        connection(tx, Platform::Teams)
    })
    .expect("written");
    assert_eq!(
        world.state(queued).await,
        causeway_model::DeliveryState::Cancelled
    );
}

#[tokio::test]
async fn a_connection_that_was_removed_returns_only_where_the_hub_is_the_same_there() {
    let world = std::sync::Arc::new(World::new().await);
    within!(world, tx, {
        let bot = ExternalAccount::new("B1");
        let of = |settings| NewConnection {
            platform: Platform::Teams,
            name: "Acme again".to_owned(),
            settings,
        };
        let own = serde_json::json!({ "own_accounts": ["B1"], "connector": { "secret": "s" } });
        tx.update_connection_settings(world.teams, &own)?;
        let before = tx.return_connection(&of(own.clone()), std::slice::from_ref(&bot), NOW)?;
        assert_eq!(before, None, "it is there");
        let account = account(tx, world.teams, "T1")?.id;
        let granted = Consent::Granted {
            at: NOW,
            scopes: "Chat.ReadWrite".to_owned(),
        };
        tx.set_consent(account, &granted)?;
        tx.remove_connection(world.teams, NOW)?;
        assert_eq!(
            tx.consent(account)?,
            Some(Consent::Revoked { at: NOW }),
            "its token is gone"
        );
        // It was being heard at that moment.
        tx.set_cursor(world.teams, "log", "7")?;
        let other = [ExternalAccount::new("B2")];
        assert_eq!(tx.return_connection(&of(own.clone()), &other, NOW)?, None);
        let returned = tx.return_connection(&of(own), &[bot], NOW)?;
        assert_eq!(returned, Some(world.teams));
        let row = tx.connection(world.teams)?.expect("it is back");
        assert_eq!(row.connection.name, "Acme again");
        assert_eq!(row.paused_since, None);
        let cursor = tx.cursor(world.teams, "log")?;
        assert_eq!(cursor, None, "what was written meanwhile is not caught up");
        Ok(())
    })
    .expect("written");
}
