//! Backups, asked for as a face asks.

mod acme;

use causeway_hub::{
    Client, KeyChoice, Options, Purpose, Restore,
    api::{
        Backup, ErrorCode, GetRestore, GetStatus, HubError, ListNotices, NoticeCode, RestoreReport,
        SetPaused,
    },
};
use tempfile::TempDir;

use acme::Acme;

const PASSPHRASE: &str = "correct horse battery staple";

fn backup(place: &TempDir, name: &str) -> Backup {
    Backup {
        file: place.path().join(name).display().to_string(),
        passphrase: PASSPHRASE.to_owned(),
        overwrite: false,
    }
}

async fn restored(place: &TempDir, passphrase: &str) -> Result<RestoreReport, HubError> {
    let home = place.path().join("home");
    causeway_hub::restore(Restore {
        file: place.path().join("backup"),
        passphrase: passphrase.to_owned(),
        key: KeyChoice::File(home.join("key")),
        home,
    })
    .await
}

async fn open(place: &TempDir) -> Client {
    let home = place.path().join("home");
    let options = Options {
        key: KeyChoice::File(home.join("key")),
        home,
        purpose: Purpose::Manage,
    };
    causeway_hub::open(options).await.expect("the folder opens")
}

#[tokio::test]
async fn a_restored_hub_says_what_it_is_until_it_is_resumed() {
    let acme = Acme::connected(&["ann@acme.example"]).await;
    let place = tempfile::tempdir().expect("a folder");
    let made = acme.client.call(backup(&place, "backup")).await;
    let made = made.expect("a backup");
    assert!(made.bytes > 0);
    let report = restored(&place, PASSPHRASE).await.expect("it is restored");
    assert_eq!(report.made_at, made.made_at);

    let client = open(&place).await;
    let status = client.call(GetStatus {}).await.expect("a status");
    assert!(status.paused_since.is_some());
    assert_eq!(status.connections.len(), 2);
    let asks_for = client.call(GetRestore {}).await.expect("an answer");
    let view = asks_for.restored.expect("it is restored");
    assert_eq!((view.made_at, view.resumed_at), (made.made_at, None));
    assert_eq!((asks_for.connections, asks_for.people), (vec![], vec![]));
    let notices = client.call(ListNotices {}).await.expect("notices");
    assert_eq!(notices.len(), 2);
    for notice in notices {
        assert_eq!(notice.code, NoticeCode::RestoredFromBackup);
        assert!(notice.message.contains("the backup is of"), "{notice:?}");
    }
    let resume = SetPaused {
        platform: None,
        paused: false,
    };
    client.call(resume).await.expect("it is resumed");
    assert_eq!(client.call(ListNotices {}).await, Ok(vec![]));
    let asks_for = client.call(GetRestore {}).await.expect("an answer");
    assert!(asks_for.restored.is_some_and(|it| it.resumed_at.is_some()));
    // The hub of before knows nothing of a restore.
    let usual = acme.client.call(GetRestore {}).await.expect("an answer");
    assert_eq!(usual.restored, None);
}

#[tokio::test]
async fn what_keeps_a_backup_from_being_made_or_restored_has_a_code_and_one_thing_to_do() {
    let acme = Acme::connected(&[]).await;
    let place = tempfile::tempdir().expect("a folder");
    let made = acme.client.call(backup(&place, "backup")).await;
    made.expect("a backup");
    let elsewhere = Backup {
        file: "not/from/the/root".to_owned(),
        ..backup(&place, "")
    };
    let short = Backup {
        passphrase: "elevenchars".to_owned(),
        ..backup(&place, "short")
    };
    let cases = [
        (backup(&place, "backup"), ErrorCode::BackupExists),
        (backup(&place, "no/folder"), ErrorCode::BackupUnwritable),
        (elsewhere, ErrorCode::InvalidArgument),
        (short, ErrorCode::InvalidArgument),
    ];
    for (case, code) in cases {
        let error = acme.client.call(case).await.expect_err("no backup");
        assert_eq!(error.code, code);
        assert!(error.action.is_some(), "{error:?}");
        assert!(!format!("{error:?}").contains("elevenchars"));
    }
    let wrong = restored(&place, "another passphrase").await;
    let wrong = wrong.expect_err("it is another");
    assert_eq!(wrong.code, ErrorCode::WrongPassphrase);
    restored(&place, PASSPHRASE).await.expect("it is restored");
    let again = restored(&place, PASSPHRASE).await;
    let again = again.expect_err("the folder is full");
    assert_eq!(again.code, ErrorCode::FolderNotEmpty);
    assert!(again.action.is_some());
    assert!(!format!("{:?}", backup(&place, "x")).contains(PASSPHRASE));
}
