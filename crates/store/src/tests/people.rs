use causeway_model::{AccountKind, ConnectionId, DirectoryAccount, Mode, PersonId, Platform};

use super::world::{NOW, connection, do_write, listed, owner};
use crate::{ImportCounts, NewPairing, PeopleFilter, PeopleView, Store, StoreError, Tx};

/// Two connections and what `work` makes of them, in a store of its own.
async fn on_two<T: Send + 'static>(
    work: impl FnOnce(&Tx<'_>, ConnectionId, ConnectionId) -> Result<T, StoreError> + Send + 'static,
) -> T {
    let folder = tempfile::tempdir().expect("a folder");
    let store: Store = super::open(folder.path());
    do_write(&store, move |tx| {
        let slack = connection(tx, Platform::Slack)?;
        let teams = connection(tx, Platform::Teams)?;
        work(tx, slack, teams)
    })
    .await
}

fn names(tx: &Tx<'_>, typed: &str) -> Result<Vec<String>, StoreError> {
    let found = tx.find_people(typed)?;
    Ok(found.into_iter().map(|person| person.name).collect())
}

fn count(tx: &Tx<'_>, filter: &PeopleFilter) -> Result<u32, StoreError> {
    Ok(tx.count_people(filter)?.any)
}

fn everyone() -> PeopleFilter {
    PeopleFilter::default()
}

fn searching(text: &str) -> PeopleFilter {
    PeopleFilter {
        search: Some(text.to_owned()),
        ..everyone()
    }
}

#[tokio::test]
async fn equal_addresses_in_either_case_and_composition_are_one_person() {
    let (one, other) = on_two(|tx, slack, teams| {
        let composed = listed("U1", "Jos\u{e9} D\u{ed}az", "Jos\u{e9}@Acme.test");
        let decomposed = listed("T1", "Jose Diaz", "JOSE\u{301}@acme.TEST");
        tx.import_accounts(slack, &[composed], NOW)?;
        tx.import_accounts(teams, &[decomposed], NOW)?;
        Ok((owner(tx, slack, "U1")?, owner(tx, teams, "T1")?))
    })
    .await;
    assert_eq!(one, other);
}

#[tokio::test]
async fn an_unverified_address_joins_nobody() {
    let people = on_two(|tx, slack, teams| {
        let claimed = DirectoryAccount {
            email_verified: false,
            ..listed("U1", "Eve", "ann@acme.test")
        };
        tx.import_accounts(slack, &[claimed], NOW)?;
        tx.import_accounts(teams, &[listed("T1", "Ann", "ann@acme.test")], NOW)?;
        count(tx, &everyone())
    })
    .await;
    assert_eq!(people, 2);
}

#[tokio::test]
async fn two_accounts_of_one_connection_are_two_people() {
    let people = on_two(|tx, slack, teams| {
        let twice = [
            listed("U1", "Ann", "ann@acme.test"),
            listed("U2", "Ann", "ann@acme.test"),
        ];
        tx.import_accounts(slack, &twice, NOW)?;
        tx.import_accounts(teams, &[listed("T1", "Ann", "ann@acme.test")], NOW)?;
        let (first, second) = (owner(tx, slack, "U1")?, owner(tx, slack, "U2")?);
        assert_ne!(first, second);
        assert_eq!(owner(tx, teams, "T1")?, first);
        count(tx, &everyone())
    })
    .await;
    assert_eq!(people, 2);
}

#[tokio::test]
async fn bots_and_the_app_itself_are_nobody() {
    on_two(|tx, slack, _| {
        let not_people = [AccountKind::Bot, AccountKind::App].map(|kind| DirectoryAccount {
            kind,
            ..listed(kind.word(), "Robot", "robot@acme.test")
        });
        tx.import_accounts(slack, &not_people, NOW)?;
        assert!(owner(tx, slack, "bot").is_err());
        assert_eq!(count(tx, &everyone())?, 0);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_handed_on_does_not_carry_its_earlier_owner_along() {
    let (before, after, bobs) = on_two(|tx, slack, teams| {
        tx.import_accounts(slack, &[listed("U1", "Ann", "office@acme.test")], NOW)?;
        tx.import_accounts(teams, &[listed("T1", "Ann", "office@acme.test")], NOW)?;
        let before = owner(tx, teams, "T1")?;
        tx.import_accounts(slack, &[listed("U2", "Bob", "bob@acme.test")], NOW)?;
        tx.import_accounts(teams, &[listed("T1", "Bob", "bob@acme.test")], NOW)?;
        Ok((before, owner(tx, teams, "T1")?, owner(tx, slack, "U2")?))
    })
    .await;
    assert_ne!(before, after);
    assert_eq!(after, bobs);
}

#[tokio::test]
async fn an_import_counts_what_it_did_and_ends_who_is_not_listed() {
    on_two(|tx, slack, _| {
        let ann = listed("U1", "Ann", "ann@acme.test");
        let bob = listed("U2", "Bob", "bob@acme.test");
        tx.begin_import(slack)?;
        let added = tx.import_accounts(slack, &[ann.clone(), bob.clone()], NOW)?;
        assert_eq!((added.added, tx.finish_import(slack, NOW)?), (2, 0));

        tx.begin_import(slack)?;
        let renamed = DirectoryAccount {
            name: "Ann Lee".to_owned(),
            ..ann
        };
        let cid = listed("U3", "Cid", "cid@acme.test");
        let counts = tx.import_accounts(slack, &[renamed, cid], NOW)?;
        let expected = ImportCounts {
            added: 1,
            changed: 1,
            ..ImportCounts::default()
        };
        assert_eq!(counts, expected);
        assert_eq!(tx.finish_import(slack, NOW)?, 1);
        assert_eq!(names(tx, "Bob")?, Vec::<String>::new());

        let back = tx.import_accounts(slack, std::slice::from_ref(&bob), NOW)?;
        assert_eq!(back.changed, 1);
        let gone = DirectoryAccount {
            active: false,
            ..bob
        };
        assert_eq!(tx.import_accounts(slack, &[gone], NOW)?.deactivated, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn whoever_is_meant_is_found_by_the_narrowest_meaning() {
    on_two(|tx, slack, _| {
        let listed = [
            listed("U1", "Bob Ray", "bob@acme.test"),
            listed("U2", "Bob Ray", "bob.ray2@acme.test"),
            listed("U3", "Bob Stone", "stone@acme.test"),
            listed("U4", "Bobby Bob", "bobby@acme.test"),
            listed("U5", "\u{c9}va Kov\u{e1}cs", "eva@acme.test"),
        ];
        tx.import_accounts(slack, &listed, NOW)?;
        assert_eq!(names(tx, "BOB@acme.test")?, ["Bob Ray"]);
        assert_eq!(names(tx, " bob  ray ")?, ["Bob Ray", "Bob Ray"]);
        assert_eq!(names(tx, "@Bob")?, ["Bob Ray", "Bob Ray", "Bob Stone"]);
        assert_eq!(names(tx, "bobb")?, ["Bobby Bob"]);
        assert_eq!(names(tx, "sto")?, ["Bob Stone"]);
        assert_eq!(names(tx, "e\u{301}va")?, ["\u{c9}va Kov\u{e1}cs"]);
        assert_eq!(names(tx, "tone")?, Vec::<String>::new());
        assert_eq!(names(tx, "  ")?, Vec::<String>::new());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_list_is_searched_by_any_part_of_names_and_addresses_of_all_accounts() {
    on_two(|tx, slack, teams| {
        tx.import_accounts(slack, &[listed("U1", "Ann Lee", "ann@acme.test")], NOW)?;
        tx.import_accounts(teams, &[listed("T1", "Lee, Ann", "ann@acme.test")], NOW)?;
        tx.import_accounts(teams, &[listed("T2", "Bob 100%", "bob@other.test")], NOW)?;
        for text in ["LEE", "nn le", "lee, a", "n@acme"] {
            assert_eq!(count(tx, &searching(text))?, 1, "{text}");
        }
        assert_eq!(count(tx, &searching("test"))?, 2);
        assert_eq!(count(tx, &searching("%"))?, 1);
        assert_eq!(count(tx, &searching("lee\nlee"))?, 0);
        assert_eq!(count(tx, &searching(" "))?, 2);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_list_is_narrowed_by_pairing_mode_and_primary_platform() {
    on_two(|tx, slack, teams| {
        tx.import_accounts(slack, &[listed("U1", "Ann", "ann@acme.test")], NOW)?;
        tx.import_accounts(teams, &[listed("T1", "Ann", "ann@acme.test")], NOW)?;
        tx.import_accounts(slack, &[listed("U2", "Bob", "bob@acme.test")], NOW)?;
        let ann = owner(tx, slack, "U1")?;
        let accounts = tx.accounts_of_person(ann)?;
        tx.add_pairing(&NewPairing {
            person: ann,
            primary: accounts[0].id,
            secondary_connection: teams,
            secondary: Some(accounts[1].id),
            mode: Mode::Full,
            guest: None,
            since: NOW,
        })?;
        let found = |filter: PeopleFilter| -> Result<Vec<String>, StoreError> {
            let page = tx.people_page(&filter, None, 10)?;
            Ok(page.rows.into_iter().map(|row| row.person.name).collect())
        };
        let seen = |view| PeopleFilter { view, ..everyone() };
        assert_eq!(found(seen(PeopleView::Paired))?, ["Ann"]);
        assert_eq!(found(seen(PeopleView::Unpaired))?, ["Bob"]);
        let mode = |mode| PeopleFilter {
            mode: Some(mode),
            ..everyone()
        };
        assert_eq!(found(mode(Mode::Full))?, ["Ann"]);
        assert_eq!(found(mode(Mode::Guest))?, Vec::<String>::new());
        let working_on = |primary| PeopleFilter {
            primary: Some(primary),
            ..everyone()
        };
        assert_eq!(found(working_on(Platform::Slack))?, ["Ann"]);
        assert_eq!(found(working_on(Platform::Teams))?, Vec::<String>::new());
        let standing_on = |secondary| PeopleFilter {
            secondary: Some(secondary),
            ..everyone()
        };
        assert_eq!(found(standing_on(Platform::Teams))?, ["Ann"]);
        assert_eq!(found(standing_on(Platform::Slack))?, Vec::<String>::new());
        assert_eq!(tx.count_people_on(slack)?, 2);
        assert_eq!(tx.count_people_on(teams)?, 1);
        let page = tx.people_page(&everyone(), None, 10)?;
        assert_eq!(
            (page.rows[0].accounts.len(), page.rows[0].pairings.len()),
            (2, 1)
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap_among_equal_names() {
    let seen = on_two(|tx, slack, _| {
        let many: Vec<_> = (0..23)
            .map(|n| {
                let name = if n % 2 == 0 { "Same Name" } else { "another" };
                listed(&format!("U{n}"), name, &format!("p{n}@acme.test"))
            })
            .collect();
        tx.import_accounts(slack, &many, NOW)?;
        let mut seen: Vec<PersonId> = Vec::new();
        let mut after = None;
        loop {
            let page = tx.people_page(&everyone(), after.as_ref(), 5)?;
            seen.extend(page.rows.iter().map(|row| row.person.id));
            after = page.next;
            if after.is_none() {
                return Ok(seen);
            }
        }
    })
    .await;
    let mut distinct = seen.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!((seen.len(), distinct.len()), (23, 23));
}
