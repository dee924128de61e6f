//! Sign-ins end when nobody uses them for ninety days.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use causeway_engine::SystemClock;
use causeway_hub::api::{ListNotices, NoticeCode, PreflightReport};
use causeway_model::{CheckCode, Clock, Timestamp, Weight};
use causeway_sandbox::faults::FaultKind;

use crate::{DAY_MS, acme::Acme, named};

const WANDA: &str = "wanda@acme.example";

/// The machine's clock, set forward.
#[derive(Default)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_ms(self.0.load(Ordering::Relaxed))
    }
}

/// Webex was connected 77 days ago, with a Service App and somebody who has authorised the hub, and
/// nothing has been done since.
async fn long_unused() -> Acme {
    let clock = Arc::new(Ahead::default());
    let acme = Acme::connected_by(&[], Arc::clone(&clock) as Arc<dyn Clock>).await;
    acme.connect_webex(&[WANDA]).await;
    // Somebody's sign-in is used for the first time when they are looked at.
    acme.webex().await;
    let later = 77 * DAY_MS;
    let advanced = acme.control().advance(later.unsigned_abs()).await;
    advanced.expect("their clock goes on");
    clock.0.fetch_add(later, Ordering::Relaxed);
    acme
}

fn has_passed(report: &PreflightReport, code: CheckCode, subject: Option<&str>) -> bool {
    let mut passed = report.passed.iter();
    passed.any(|view| view.code == code && view.subject.as_deref() == subject)
}

async fn is_noticed(acme: &Acme) -> bool {
    let notices = acme.client.call(ListNotices {}).await.expect("notices");
    let mut notices = notices.iter();
    notices.any(|notice| notice.code == NoticeCode::CredentialEnds)
}

#[tokio::test]
async fn sign_ins_that_nobody_has_used_for_long_begin_anew_by_being_checked() {
    let acme = long_unused().await;
    let report = acme.webex().await;
    for whose in ["app_level", "guest_issuer"] {
        assert!(
            has_passed(&report, CheckCode::OwnSignInExpiry, Some(whose)),
            "{report:#?}"
        );
    }
    assert!(
        has_passed(&report, CheckCode::PeopleSignInExpiry, None),
        "{report:#?}"
    );
    assert!(!is_noticed(&acme).await);
}

#[tokio::test]
async fn sign_ins_that_cannot_be_used_are_told_of_two_weeks_before_they_end() {
    let acme = long_unused().await;
    let renewing = Some("POST /access_token");
    acme.strike("webex", renewing, FaultKind::FailBefore, 1_000)
        .await;
    let report = acme.webex().await;
    for whose in ["app_level", "guest_issuer"] {
        let found = named(&report, CheckCode::OwnSignInExpiry, whose);
        assert_eq!(found.detail.as_deref(), Some("12 days"));
        assert_eq!(found.weight, Weight::Advises);
    }
    let mut findings = report.findings.iter();
    let people = findings.find(|found| found.code == CheckCode::PeopleSignInExpiry);
    let people = people.unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(people.detail.as_deref(), Some("1"));
    assert!(is_noticed(&acme).await);

    acme.control().clear_faults().await.expect("it is back");
    let report = acme.webex().await;
    assert!(has_passed(
        &report,
        CheckCode::OwnSignInExpiry,
        Some("app_level")
    ));
    assert!(!is_noticed(&acme).await);
}
