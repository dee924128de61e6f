//! When to notify: only of what newly needs a person. A consent that merely waits needs nobody else, and
//! nothing that anybody wrote or is called is ever said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use causeway_hub::api::{GetNeeds, HubError, NeedsReport, UseCase};
use causeway_model::{ConnectionId, Platform};
use tauri::{AppHandle, Manager};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::access::HubAccess;
use crate::caller;
use crate::desktop_notification::Notifier;
use crate::desktop_settings::DesktopFile;
use crate::window;

/// No more than one notification of a kind in this time, whatever happens.
const BETWEEN: Duration = Duration::from_secs(60);
/// No more than one look in this time, however much changes.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// Rung when something may need a person.
#[derive(Default)]
pub struct Bell(Notify);

impl Bell {
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until it is rung, or until a moment that has been waited for.
    async fn wait(&self, moment: Option<Instant>) {
        let rung = self.0.notified();
        match moment {
            Some(moment) => drop(tokio::time::timeout_at(moment, rung).await),
            None => rung.await,
        }
    }
}

/// Notifies of everything that newly needs a person, for ever.
pub async fn watch(app: AppHandle, access: Arc<HubAccess>) {
    let bell = app.state::<Bell>();
    let mut notifier = Notifier::new(&app);
    let mut told = Told::default();
    loop {
        bell.wait(told.held_until).await;
        if let Ok(needs) = needs(&access).await {
            if app.state::<DesktopFile>().notifications() && !window::is_looked_at(&app) {
                for sentence in told.tell(needs, Instant::now()) {
                    notifier.show(&sentence).await;
                }
                if told.held_until.is_some() {
                    tracing::debug!("what needs a person is notified later");
                }
            } else if told.pass_over(needs) {
                tracing::debug!("what needs a person is not notified: unwanted, or looked at");
            }
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

async fn needs(access: &HubAccess) -> Result<Needs, HubError> {
    let reply = access.request(GetNeeds {}.into_request()).await?;
    let report = GetNeeds::output(reply).ok_or_else(caller::mismatch)?;
    Ok(Needs::from(&report))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Connections,
    Uncertain,
    Stuck,
    Notices,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::Connections,
        Self::Uncertain,
        Self::Stuck,
        Self::Notices,
    ];
}

/// What needs a person, by its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Needs {
    connections: BTreeMap<ConnectionId, Platform>,
    uncertain: u64,
    stuck: u64,
    notices: BTreeSet<i64>,
}

impl From<&NeedsReport> for Needs {
    fn from(report: &NeedsReport) -> Self {
        let connections = report.connections.iter();
        Self {
            connections: connections.map(|view| (view.id, view.platform)).collect(),
            uncertain: report.uncertain,
            stuck: report.stuck,
            notices: report.notices.iter().map(|notice| notice.id).collect(),
        }
    }
}

impl Needs {
    /// What of a kind is here and was not before.
    fn since(&self, before: &Self, kind: Kind) -> Option<News> {
        let (count, sentence) = match kind {
            Kind::Connections => self.connections_since(before),
            Kind::Uncertain => {
                let more = self.uncertain.saturating_sub(before.uncertain);
                let one = "1 delivery is uncertain: nobody can tell whether it arrived.";
                let several = "deliveries are uncertain: nobody can tell whether they arrived.";
                (more, in_a_sentence(more, one, several))
            }
            Kind::Stuck => {
                let more = self.stuck.saturating_sub(before.stuck);
                let one = "1 delivery waits until somebody allows it.";
                (
                    more,
                    in_a_sentence(more, one, "deliveries wait until somebody allows them."),
                )
            }
            Kind::Notices => {
                let more = count(self.notices.difference(&before.notices));
                (
                    more,
                    in_a_sentence(more, "1 new notice on Home.", "new notices on Home."),
                )
            }
        };
        (count > 0).then_some(News { count, sentence })
    }

    fn connections_since(&self, before: &Self) -> (u64, String) {
        let is_new = |id: &ConnectionId| !before.connections.contains_key(id);
        let new: Vec<_> = self
            .connections
            .iter()
            .filter(|(id, _)| is_new(id))
            .collect();
        let sentence = match new.as_slice() {
            [(_, platform)] => format!("{} needs attention.", platform.name()),
            several => format!("{} connections need attention.", several.len()),
        };
        (count(new.iter()), sentence)
    }

    /// Forgets what is over, so that it is news when it comes again.
    fn forget_all_but(&mut self, now: &Self) {
        self.connections
            .retain(|id, _| now.connections.contains_key(id));
        self.uncertain = self.uncertain.min(now.uncertain);
        self.stuck = self.stuck.min(now.stuck);
        self.notices.retain(|id| now.notices.contains(id));
    }

    fn take_over(&mut self, now: &Self, kind: Kind) {
        match kind {
            Kind::Connections => self.connections.clone_from(&now.connections),
            Kind::Uncertain => self.uncertain = now.uncertain,
            Kind::Stuck => self.stuck = now.stuck,
            Kind::Notices => self.notices.clone_from(&now.notices),
        }
    }
}

/// What newly needs a person, of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct News {
    count: u64,
    sentence: String,
}

/// What this desktop's user has been told of.
#[derive(Debug, Default)]
struct Told {
    /// None before the first look.
    needs: Option<Needs>,
    /// When each kind was told of last.
    at: BTreeMap<Kind, Instant>,
    /// When the first of what came too soon may be told.
    held_until: Option<Instant>,
}

impl Told {
    /// What to say of the needs as they are now; a moment that came too soon is in `held_until`. At
    /// the first look everything is said in one sentence.
    fn tell(&mut self, now: Needs, at: Instant) -> Vec<String> {
        self.held_until = None;
        let Some(known) = &mut self.needs else {
            let news: Vec<_> = all_news(&Needs::default(), &now).collect();
            self.at.extend(news.iter().map(|(kind, _)| (*kind, at)));
            self.needs = Some(now);
            return summary(news.into_iter().map(|(_, news)| news).collect());
        };
        known.forget_all_but(&now);
        let mut sentences = Vec::new();
        for (kind, news) in all_news(&known.clone(), &now) {
            match self.at.get(&kind).map(|last| *last + BETWEEN) {
                Some(free) if at < free => {
                    let first = self.held_until.map_or(free, |held| held.min(free));
                    self.held_until = Some(first);
                }
                Some(_) | None => {
                    known.take_over(&now, kind);
                    self.at.insert(kind, at);
                    sentences.push(news.sentence);
                }
            }
        }
        sentences
    }

    /// Takes the needs for known: their user has them before their eyes, or does not want to hear.
    /// Says whether there were any new ones.
    fn pass_over(&mut self, now: Needs) -> bool {
        let known = self.needs.take().unwrap_or_default();
        let is_news = all_news(&known, &now).next().is_some();
        self.needs = Some(now);
        self.held_until = None;
        is_news
    }
}

fn all_news(before: &Needs, now: &Needs) -> impl Iterator<Item = (Kind, News)> {
    let kinds = Kind::ALL.into_iter();
    kinds.filter_map(|kind| Some((kind, now.since(before, kind)?)))
}

fn summary(mut news: Vec<News>) -> Vec<String> {
    match news.iter().map(|news| news.count).sum() {
        0 | 1 => news.pop().map(|news| news.sentence).into_iter().collect(),
        several => vec![in_a_sentence(several, "", "things need you.")],
    }
}

fn count(of: impl Iterator) -> u64 {
    of.fold(0, |count, _| count + 1)
}

fn in_a_sentence(many: u64, one: &str, several: &str) -> String {
    match many {
        1 => one.to_owned(),
        many => format!("{many} {several}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use causeway_hub::api::{
        AwaitedConsent, ConnectionView, NeedsReport, NoticeCode, NoticeView, WantedPerson,
    };
    use causeway_model::{ConnectionId, HealthState, PersonId, Platform, Timestamp};
    use tokio::time::Instant;

    use super::{BETWEEN, Needs, Told};
    use crate::fake::connection;

    fn a_connection() -> ConnectionView {
        ConnectionView {
            id: ConnectionId(2),
            ..connection(Platform::Teams, HealthState::NeedsAuthorisation)
        }
    }

    fn a_notice() -> NoticeView {
        NoticeView {
            id: 7,
            connection: ConnectionId(2),
            platform: Platform::Teams,
            code: NoticeCode::DeviceCodeBlocked,
            person: Some("Dana Ruiz".to_owned()),
            message: "Dana Ruiz (dana@acme.example) cannot sign in".to_owned(),
            action: String::new(),
            link: None,
            at: Timestamp(0),
        }
    }

    fn a_consent() -> AwaitedConsent {
        AwaitedConsent {
            person: PersonId(4),
            name: "Eli Novak".to_owned(),
            platform: Platform::Teams,
            connection: ConnectionId(2),
            deliveries: 3,
            until: None,
        }
    }

    fn a_wanted_person() -> WantedPerson {
        WantedPerson {
            person: PersonId(5),
            name: "Zoe Hart".to_owned(),
            platform: Platform::Teams,
            times: 2,
        }
    }

    fn needs(uncertain: u64, stuck: u64) -> Needs {
        Needs {
            uncertain,
            stuck,
            ..Needs::default()
        }
    }

    fn everything() -> Needs {
        Needs::from(&NeedsReport {
            connections: vec![a_connection()],
            notices: vec![a_notice()],
            uncertain: 1,
            stuck: 3,
            consents: vec![a_consent()],
            wanted: vec![a_wanted_person()],
        })
    }

    /// Somebody who was told that nothing needs them.
    fn told_of_nothing() -> (Told, Instant) {
        let (mut told, start) = (Told::default(), Instant::now());
        assert!(told.tell(Needs::default(), start).is_empty());
        (told, start)
    }

    #[test]
    fn everything_new_is_told_once_by_its_kind_and_nobody_is_named() {
        let (mut told, start) = told_of_nothing();
        assert_eq!(
            told.tell(everything(), start),
            [
                "Microsoft Teams needs attention.",
                "1 delivery is uncertain: nobody can tell whether it arrived.",
                "3 deliveries wait until somebody allows them.",
                "1 new notice on Home.",
            ]
        );
        let later = start + BETWEEN;
        assert!(told.tell(everything(), later).is_empty());
        assert_eq!(told.held_until, None);
    }

    #[test]
    fn what_was_there_at_the_start_is_one_sentence() {
        let told = |needs| Told::default().tell(needs, Instant::now());
        assert_eq!(told(everything()), ["6 things need you."]);
        let one = told(needs(0, 1));
        assert_eq!(one, ["1 delivery waits until somebody allows it."]);
        assert!(told(needs(0, 0)).is_empty());
    }

    #[test]
    fn a_consent_that_waits_and_a_person_who_is_looked_for_are_not_told() {
        let report = NeedsReport {
            connections: Vec::new(),
            notices: Vec::new(),
            uncertain: 0,
            stuck: 0,
            consents: vec![a_consent()],
            wanted: vec![a_wanted_person()],
        };
        let (mut told, start) = told_of_nothing();
        assert!(told.tell(Needs::from(&report), start).is_empty());
    }

    #[test]
    fn one_kind_is_told_once_a_minute_and_what_came_meanwhile_together() {
        let (mut told, start) = told_of_nothing();
        assert_eq!(told.tell(needs(0, 1), start).len(), 1);
        let soon = start + Duration::from_secs(2);
        assert!(told.tell(needs(0, 2), soon).is_empty());
        assert_eq!(told.held_until, Some(start + BETWEEN));
        let other = told.tell(needs(1, 3), soon);
        assert_eq!(
            other,
            ["1 delivery is uncertain: nobody can tell whether it arrived."],
            "another kind does not wait"
        );
        let meanwhile = told.tell(needs(1, 3), start + BETWEEN);
        assert_eq!(meanwhile, ["2 deliveries wait until somebody allows them."]);
    }

    #[test]
    fn what_was_over_before_it_could_be_told_is_not_told() {
        let (mut told, start) = told_of_nothing();
        assert_eq!(told.tell(needs(0, 1), start).len(), 1);
        assert!(told.tell(needs(0, 5), start).is_empty());
        assert!(told.tell(needs(0, 1), start).is_empty());
        assert_eq!(told.held_until, None);
        assert!(told.tell(needs(0, 1), start + BETWEEN).is_empty());
    }

    #[test]
    fn what_comes_again_after_it_was_over_is_news() {
        let (mut told, start) = told_of_nothing();
        assert_eq!(told.tell(everything(), start).len(), 4);
        assert!(told.tell(Needs::default(), start + BETWEEN).is_empty());
        assert_eq!(told.tell(everything(), start + BETWEEN).len(), 4);
    }

    #[test]
    fn what_its_user_has_seen_is_not_told_later() {
        let (mut told, start) = told_of_nothing();
        assert!(told.pass_over(everything()));
        assert!(!told.pass_over(everything()));
        assert!(told.tell(everything(), start + BETWEEN).is_empty());
    }
}
