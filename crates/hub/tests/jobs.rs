//! What takes a while, called as a face calls it, on a folder connected to a sandbox where nothing is
//! relayed.

mod acme;

use causeway_hub::api::{
    ActivityFilter, ChangeMode, CountPeople, DecideSuggestion, ErrorCode, GetDelivery, GetJob,
    GetPerson, JobState, JobView, ListJobs, ListPeople, ListSuggestions, PeopleFilter, PeopleView,
    PersonRef, PreviewBulk, PreviewUnpairing, Resolution, ResolveDelivery, SecondaryWish,
    Selection, SheetFormat, StartExport, StartImport, StartPairing, StartUnpairing, StopJob,
    SuggestionDecision, WaitForChange,
};
use causeway_model::{DeliveryId, Mode, PersonId, Platform};

use acme::Acme;

impl Acme {
    async fn imported() -> Self {
        let acme = Self::connected(&[]).await;
        let job = acme.client.call(StartImport::default()).await;
        let ended = acme.ended(job.expect("it begins")).await;
        assert_eq!(ended.state, JobState::Finished);
        acme
    }

    /// The job when it has ended; between looks it waits to be told of a change.
    async fn ended(&self, mut job: JobView) -> JobView {
        let mut since = 0;
        while job.ended_at.is_none() {
            let wait = WaitForChange {
                since,
                timeout_ms: 5_000,
            };
            since = self.client.call(wait).await.expect("a revision");
            let look = GetJob { job: job.id };
            job = self.client.call(look).await.expect("it is known");
        }
        job
    }

    async fn counted(&self) -> [u32; 4] {
        let counts = self.client.call(CountPeople::default()).await;
        let counts = counts.expect("counts");
        [
            counts.any,
            counts.paired,
            counts.unpaired,
            counts.suggestions,
        ]
    }

    async fn person(&self, name: &str) -> PersonId {
        let list = ListPeople {
            filter: searching(name),
            ..ListPeople::default()
        };
        let page = self.client.call(list).await.expect("people");
        page.people.first().expect("somebody").id
    }
}

fn searching(text: &str) -> PeopleFilter {
    PeopleFilter {
        search: Some(text.to_owned()),
        ..PeopleFilter::default()
    }
}

fn unpaired() -> Selection {
    Selection::Matching(PeopleFilter {
        view: PeopleView::Unpaired,
        ..PeopleFilter::default()
    })
}

fn pairing(who: Selection, wish: SecondaryWish) -> StartPairing {
    StartPairing {
        who,
        primary: Platform::Slack,
        secondary: Platform::Teams,
        wish,
    }
}

#[tokio::test]
async fn everyone_who_fits_is_paired_and_whoever_cannot_be_is_told_with_the_reason() {
    let acme = Acme::imported().await;
    let before = acme.counted().await;
    let preview = PreviewBulk {
        who: unpaired(),
        primary: Platform::Slack,
        secondary: Platform::Teams,
        wish: SecondaryWish::Best,
    };
    let told = acme.client.call(preview).await.expect("a preview");
    assert_eq!(told.people, before[2]);
    assert!(told.summary.problems > 0 && told.summary.full > 0);
    assert!(told.effects[0].problem.is_some(), "problems come first");
    assert_eq!(acme.counted().await, before, "nothing is changed");

    let job = acme.client.call(pairing(unpaired(), SecondaryWish::Best));
    let ended = acme.ended(job.await.expect("it begins")).await;
    assert_eq!(ended.state, JobState::Finished);
    assert_eq!(ended.total, Some(u64::from(told.people)));
    assert_eq!(ended.done, u64::from(told.people));
    assert_eq!(ended.failed, u64::from(told.summary.problems));
    let failure = &ended.failures[0];
    assert!(!failure.name.is_empty());
    assert_eq!(failure.error.code, ErrorCode::NotPairable);
    let paired = told.people - told.summary.problems;
    assert!(ended.words.contains(&paired.to_string()), "{}", ended.words);
    let after = acme.counted().await;
    assert_eq!(after[1], paired);
    assert_eq!(after[3], after[2], "whoever is left is suggested");

    let everyone = Selection::Matching(PeopleFilter::default());
    let preview = PreviewUnpairing {
        who: everyone.clone(),
        secondary: None,
    };
    let told = acme.client.call(preview).await.expect("a preview");
    assert_eq!((told.pairings, told.not_paired), (paired, after[2]));
    let job = acme.client.call(StartUnpairing {
        who: everyone,
        secondary: Some(Platform::Teams),
        remove_guests: false,
    });
    let ended = acme.ended(job.await.expect("it begins")).await;
    assert_eq!(ended.failed, u64::from(after[2]));
    assert_eq!(acme.counted().await, before);
}

#[tokio::test]
async fn a_job_that_is_stopped_leaves_everyone_whole_and_only_one_of_a_kind_goes_on() {
    let acme = Acme::imported().await;
    let first = acme.client.call(pairing(unpaired(), SecondaryWish::App));
    let first = first.await.expect("it begins");
    let second = acme.client.call(pairing(unpaired(), SecondaryWish::App));
    let second = second.await.map_err(|error| error.code);
    assert_eq!(second.err(), Some(ErrorCode::InvalidArgument));
    let stop = StopJob { job: first.id };
    acme.client.call(stop).await.expect("it is told");
    let ended = acme.ended(first).await;
    assert_eq!(ended.state, JobState::Stopped);
    let paired = u64::from(acme.counted().await[1]);
    assert_eq!(paired, ended.done - ended.failed);
    let listed = acme.client.call(ListJobs {}).await.expect("jobs");
    assert_eq!(listed[0], ended);
    assert_eq!(listed.len(), 2, "the import is remembered too");
}

#[tokio::test]
async fn what_is_set_aside_is_not_suggested_until_it_is_taken_up() {
    let acme = Acme::imported().await;
    let before = acme.counted().await[3];
    let gus = acme.person("Gus Lindqvist").await;
    let decide = |decision| {
        acme.client.call(DecideSuggestion {
            person: gus,
            decision,
        })
    };
    let ignored = decide(SuggestionDecision::Ignore).await.expect("decided");
    assert!(ignored.aside.is_some_and(|aside| aside.until.is_none()));
    assert_eq!(acme.counted().await[3], before - 1);
    let aside = ListSuggestions {
        aside: true,
        ..ListSuggestions::default()
    };
    let page = acme.client.call(aside).await.expect("suggestions");
    assert_eq!((page.total, page.suggestions[0].person), (1, gus));
    let later = decide(SuggestionDecision::Later).await.expect("decided");
    assert!(later.aside.is_some_and(|aside| aside.until.is_some()));
    decide(SuggestionDecision::Show).await.expect("decided");
    assert_eq!(acme.counted().await[3], before);
}

#[tokio::test]
async fn a_mode_is_changed_at_once_or_not_at_all() {
    let acme = Acme::imported().await;
    let ann = acme.person("Ann Lee").await;
    let job = pairing(Selection::People(vec![ann]), SecondaryWish::Full);
    let job = acme.client.call(job).await.expect("it begins");
    acme.ended(job).await;
    let change = |wish| {
        acme.client.call(ChangeMode {
            person: PersonRef::Id(ann),
            secondary: Platform::Teams,
            wish,
        })
    };
    let refused = change(SecondaryWish::Guest).await;
    assert!(refused.is_err(), "a member cannot be a guest");
    let person = acme.client.call(GetPerson { person: ann }).await;
    let person = person.expect("she is known").person;
    assert_eq!(person.pairings[0].mode, Mode::Full);
    assert!(person.needs.is_empty());
    let changed = change(SecondaryWish::App).await.expect("it can be done");
    assert_eq!(changed.mode, Mode::App);
    assert_eq!(acme.counted().await[1], 1);
}

#[tokio::test]
async fn an_export_is_its_owners_alone_and_touches_no_file_that_is_there() {
    let acme = Acme::imported().await;
    let path = acme.folder.path().join("ledger.csv");
    let export = || {
        acme.client.call(StartExport {
            filter: ActivityFilter::default(),
            path: path.display().to_string(),
            format: SheetFormat::Csv,
        })
    };
    let ended = acme.ended(export().await.expect("it begins")).await;
    assert_eq!(ended.state, JobState::Finished, "{:?}", ended.error);
    let written = std::fs::read_to_string(&path).expect("a file");
    assert!(written.starts_with("id,operation,state"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).expect("a file").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
    let again = acme.ended(export().await.expect("it begins")).await;
    assert_eq!(again.state, JobState::Failed);
    let error = again.error.expect("a reason");
    assert!(error.message.contains("already"));
    assert_eq!(std::fs::read_to_string(&path).ok(), Some(written));
}

#[tokio::test]
async fn a_delivery_that_is_not_there_is_not_found_and_cannot_be_resolved() {
    let acme = Acme::connected(&[]).await;
    let delivery = DeliveryId(404);
    let code = |error: causeway_hub::api::HubError| error.code;
    let looked = acme.client.call(GetDelivery { delivery }).await;
    assert_eq!(looked.map_err(code).err(), Some(ErrorCode::NotFound));
    let resolved = acme.client.call(ResolveDelivery {
        delivery,
        resolution: Resolution::Arrived,
    });
    assert_eq!(
        resolved.await.map_err(code).err(),
        Some(ErrorCode::NotFound)
    );
}
