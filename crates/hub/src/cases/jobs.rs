//! Starting what takes a while, looking at it, and stopping it.

use causeway_model::{PersonId, Platform};
use futures_util::future::join_all;

use super::{
    activity::export,
    pairing::{changed, check_bulk, pair_one, previewed, sides, summary},
    people::{import_all, stored_filter},
    unpair::{self, Outcome},
};
use crate::{
    Hub,
    api::{
        BulkPreview, GetJob, HubError, JobFailure, JobKind, JobView, PairingEffect, PreviewBulk,
        PreviewSummary, PreviewUnpairing, Selection, StartExport, StartImport, StartPairing,
        StartUnpairing, StopJob, UnpairingPreview,
    },
    jobs::Progress,
};

/// How many people are gone through side by side, so that their commits share the disk's time.
const TOGETHER: usize = 32;
/// How many effects of a preview are told.
const TOLD: usize = 200;
/// More than any organisation has.
const EVERYONE: u32 = u32::MAX - 1;

pub(crate) fn list_jobs(hub: &Hub) -> Vec<JobView> {
    hub.jobs.list()
}

pub(crate) fn get_job(hub: &Hub, args: GetJob) -> Result<JobView, HubError> {
    hub.jobs.get(args.job)
}

pub(crate) fn stop_job(hub: &Hub, args: StopJob) -> Result<JobView, HubError> {
    hub.jobs.stop(args.job)
}

pub(crate) fn start_import(hub: &Hub, args: StartImport) -> Result<JobView, HubError> {
    hub.jobs
        .start(hub, JobKind::Import, move |hub, progress| async move {
            import_all(&hub, args.connection, Some(&progress)).await?;
            Ok(())
        })
}

pub(crate) fn start_export(hub: &Hub, args: StartExport) -> Result<JobView, HubError> {
    hub.jobs
        .start(hub, JobKind::Export, move |hub, progress| async move {
            export(&hub, args, &progress).await
        })
}

pub(crate) async fn start_pairing(hub: &Hub, args: StartPairing) -> Result<JobView, HubError> {
    let people = chosen(hub, args.who.clone()).await?;
    check_bulk(args.wish, people.len())?;
    sides(hub).await?.pair(args.primary, args.secondary)?;
    hub.jobs
        .start(hub, JobKind::Pair, move |hub, progress| async move {
            pair_all(&hub, &args, people, &progress).await
        })
}

pub(crate) async fn start_unpairing(hub: &Hub, args: StartUnpairing) -> Result<JobView, HubError> {
    let people = chosen(hub, args.who).await?;
    if let Some(platform) = args.secondary {
        sides(hub).await?.of_platform(platform)?;
    }
    let (only, remove) = (args.secondary, args.remove_guests);
    hub.jobs
        .start(hub, JobKind::Unpair, move |hub, progress| async move {
            unpair_all(&hub, people, (only, remove), &progress).await
        })
}

pub(crate) async fn preview_bulk(hub: &Hub, args: PreviewBulk) -> Result<BulkPreview, HubError> {
    let people = chosen(hub, args.who).await?;
    check_bulk(args.wish, people.len())?;
    let mut whole = PreviewSummary::default();
    let (mut problems, mut others) = (Vec::new(), Vec::new());
    // Bit by bit, so that no one look at the store takes long.
    for some in people.chunks(500) {
        let pair = (args.primary, args.secondary);
        let effects = previewed(hub, some.to_vec(), pair, args.wish).await?;
        add(&mut whole, summary(&effects));
        for effect in effects {
            let list = match effect.problem {
                Some(_) => &mut problems,
                None => &mut others,
            };
            if list.len() < TOLD {
                list.push(effect);
            }
        }
    }
    let effects: Vec<PairingEffect> = problems.into_iter().chain(others).take(TOLD).collect();
    Ok(BulkPreview {
        people: count(people.len()),
        summary: whole,
        effects,
    })
}

pub(crate) async fn preview_unpairing(
    hub: &Hub,
    args: PreviewUnpairing,
) -> Result<UnpairingPreview, HubError> {
    let people = chosen(hub, args.who).await?;
    let only = match args.secondary {
        Some(platform) => Some(sides(hub).await?.of_platform(platform)?.connection),
        None => None,
    };
    let mut whole = UnpairingPreview::default();
    for some in people.chunks(500) {
        let some = some.to_vec();
        let part = hub.read(move |reader| unpair::preview(reader, &some, only));
        let part = part.await?;
        whole.people += part.people;
        whole.pairings += part.pairings;
        whole.waiting += part.waiting;
        whole.guests += part.guests;
        whole.not_paired += part.not_paired;
    }
    Ok(whole)
}

/// Everyone who is meant, as it is now: what is done to them may take them out of the filter.
async fn chosen(hub: &Hub, who: Selection) -> Result<Vec<PersonId>, HubError> {
    match who {
        Selection::People(people) => Ok(people),
        Selection::Matching(filter) => {
            let filter = stored_filter(filter);
            let found = hub.read(move |reader| reader.people_ids(&filter, None, EVERYONE));
            Ok(found.await?.0)
        }
    }
}

async fn pair_all(
    hub: &Hub,
    args: &StartPairing,
    people: Vec<PersonId>,
    progress: &Progress,
) -> Result<(), HubError> {
    progress.expect(people.len());
    let mut paired = 0;
    for some in people.chunks(TOGETHER) {
        if progress.is_stopped() {
            break;
        }
        let pairing = some.iter().map(|person| {
            let pair = (args.primary, args.secondary);
            pair_one(hub, *person, pair, args.wish)
        });
        let outcomes = join_all(pairing).await;
        paired += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let outcomes = outcomes.into_iter().map(|outcome| outcome.map(drop));
        let failures = failures(hub, some, outcomes).await?;
        progress.went_through(some.len(), failures, people_are(paired, "paired"));
    }
    changed(hub).await
}

async fn unpair_all(
    hub: &Hub,
    people: Vec<PersonId>,
    (only, remove_guests): (Option<Platform>, bool),
    progress: &Progress,
) -> Result<(), HubError> {
    progress.expect(people.len());
    let mut whole = Outcome::default();
    for some in people.chunks(TOGETHER) {
        if progress.is_stopped() {
            break;
        }
        let unpairing = some
            .iter()
            .map(|person| unpair::unpair_one(hub, *person, only, remove_guests));
        let outcomes = join_all(unpairing).await;
        let mut results = Vec::new();
        for outcome in outcomes {
            results.push(outcome.and_then(|one| whole.add(one)));
        }
        let failures = failures(hub, some, results.into_iter()).await?;
        progress.went_through(some.len(), failures, whole.words());
    }
    changed(hub).await
}

/// Those for whom it did not work, by name.
async fn failures(
    hub: &Hub,
    people: &[PersonId],
    outcomes: impl Iterator<Item = Result<(), HubError>>,
) -> Result<Vec<JobFailure>, HubError> {
    let mut failures = Vec::new();
    for (person, outcome) in people.iter().copied().zip(outcomes) {
        if let Err(error) = outcome {
            let found = hub.read(move |reader| reader.person(person)).await?;
            let name = found.map(|found| found.name).unwrap_or_default();
            failures.push(JobFailure {
                person,
                name,
                error,
            });
        }
    }
    Ok(failures)
}

fn people_are(many: usize, what: &str) -> String {
    match many {
        1 => format!("1 person is {what}."),
        many => format!("{many} people are {what}."),
    }
}

fn add(whole: &mut PreviewSummary, part: PreviewSummary) {
    whole.full += part.full;
    whole.guest += part.guest;
    whole.app += part.app;
    whole.asked += part.asked;
    whole.problems += part.problems;
}

fn count(people: usize) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}
