//! Staying inside a platform's limits: what may be called now, and what must wait.
//!
//! Each account is one number, the moment at which it would be full again (the generic cell rate
//! algorithm), so that it holds no history and one that nobody uses can be forgotten. Who finds it
//! empty is given a place in a queue, so that a conversation with a thousand messages to come has
//! no more of it than one with a single message; and what is only caught up leaves the reserve to
//! what is said now.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use causeway_model::{Budget, SharedBy, Spending, Timestamp};

/// More accounts than this are looked through for those that are full again.
const MANY: usize = 20_000;
/// How long somebody who does not come for their turn is waited for.
const MISSED_TURN_US: i64 = 2_000_000;
/// How many times slower than published a platform is believed to be at most.
const SLOWEST: i64 = 16;
/// How long a refusal is remembered, in the platform's time; its weight falls all the while.
const REMEMBERED_US: i64 = 6 * 3_600 * 1_000_000;
/// Refusals this close together, in the platform's time, teach one lesson.
const ONE_LESSON_US: i64 = 1_000_000;
/// Conversations refused within this, in the platform's time, are refused for a limit that they
/// share.
const TOGETHER_US: i64 = 10_000_000;

/// What is left of every budget of every connection. `C` names a connection, `R` a conversation.
#[derive(Debug)]
pub struct Purse<C, R> {
    accounts: HashMap<AccountOf<C, R>, Account<R>>,
    lessons: HashMap<Class<C>, Lesson>,
    refused: HashMap<(C, Spending), (R, i64)>,
}

type AccountOf<C, R> = (Class<C>, Option<R>);

/// Calls that a connection's platform counts alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Class<C> {
    pub connection: C,
    pub spent_on: Spending,
    pub shared_by: SharedBy,
}

/// What a platform has taught by refusing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lesson {
    /// How far apart calls were to follow each other from then on, in microseconds of the
    /// platform's clock.
    pub spacing_us: i64,
    /// When it was learned, by our clock.
    pub at: Timestamp,
}

#[derive(Debug)]
struct Account<R> {
    full_at_us: i64,
    /// Before then the platform takes nothing.
    closed_until_us: i64,
    /// Who waits for their turn, in their order; what is said now before what is caught up.
    queue: BTreeMap<(Urgency, u64), Turn<R>>,
    places: HashMap<R, (Urgency, u64)>,
    next_place: u64,
}

#[derive(Debug)]
struct Turn<R> {
    conversation: R,
    expected_us: i64,
}

impl<C, R> Default for Purse<C, R> {
    fn default() -> Self {
        Self {
            accounts: HashMap::new(),
            lessons: HashMap::new(),
            refused: HashMap::new(),
        }
    }
}

/// How much a call is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Somebody has just said it.
    Live,
    /// It was said a while ago, and is caught up.
    CaughtUp,
}

/// A call that somebody would like to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish<C, R> {
    pub connection: C,
    pub conversation: R,
    pub spent_on: Spending,
    pub urgency: Urgency,
}

impl<C: Copy + Eq + Hash, R: Clone + Eq + Hash> Purse<C, R> {
    /// Takes a call out of every budget that counts it, or out of none; then it is given a place
    /// in the queue, which it keeps if it comes again in time.
    ///
    /// `pace` is how many times faster than ours the platform's clock runs.
    ///
    /// # Errors
    /// The moment at which to come again.
    pub fn spend(
        &mut self,
        budgets: &[Budget],
        pace: f64,
        wish: &Wish<C, R>,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        let now_us = now.0.saturating_mul(1_000);
        if self.accounts.len() > MANY {
            self.accounts.retain(|_, account| account.is_in_use(now_us));
        }
        let mut counted = Vec::new();
        let mut turn_us = now_us;
        for budget in counting(budgets, wish.spent_on) {
            let spacing = self.spacing_us(budget, wish.connection, pace, now);
            let account = self.account(budget, wish, now_us);
            account.forget_missed_turns(now_us);
            turn_us = turn_us.max(account.turn_us(budget, wish, spacing, now_us));
            counted.push((budget, spacing));
        }
        for (budget, spacing) in counted {
            let account = self.account(budget, wish, now_us);
            if turn_us > now_us {
                account.queue_up(wish, turn_us);
            } else {
                account.leave(&wish.conversation);
                account.full_at_us = account.full_at_us.max(now_us) + spacing;
            }
        }
        if turn_us > now_us {
            return Err(Timestamp(turn_us.div_euclid(1_000) + 1));
        }
        Ok(())
    }

    /// The platform refused a call because it counts more than we do: nothing of that kind is
    /// tried before it allows it, and from then on less often. What was learned is to be kept;
    /// none where nothing was, or where the platform publishes no limit for such calls.
    pub fn refused(
        &mut self,
        budgets: &[Budget],
        pace: f64,
        wish: &Wish<C, R>,
        after_ms: Option<u64>,
        now: Timestamp,
    ) -> Option<(Class<C>, Lesson)> {
        let now_us = now.0.saturating_mul(1_000);
        let budget = self.overdrawn(budgets, pace, wish, now_us)?;
        let spacing = self.spacing_us(budget, wish.connection, pace, now);
        let pause_us = after_ms.map_or(spacing, |ms| {
            i64::try_from(ms).unwrap_or(i64::MAX / 2_000) * 1_000
        });
        let reserve = reserve_us(budget, Urgency::Live, spacing);
        let account = self.account(budget, wish, now_us);
        account.closed_until_us = account.closed_until_us.max(now_us + pause_us);
        // There is no reserve left, whatever we counted.
        let empty_at = account.closed_until_us + reserve;
        account.full_at_us = account.full_at_us.max(empty_at);
        self.learn_from(budget, pace, wish, now)
    }

    /// Believes what was learned earlier.
    pub fn remember(&mut self, class: Class<C>, lesson: Lesson) {
        self.lessons.insert(class, lesson);
    }

    /// Which budget a refused call has overdrawn: its conversation's own, unless others were
    /// refused at the same time.
    fn overdrawn<'b>(
        &mut self,
        budgets: &'b [Budget],
        pace: f64,
        wish: &Wish<C, R>,
        now_us: i64,
    ) -> Option<&'b Budget> {
        let before = self.refused.insert(
            (wish.connection, wish.spent_on),
            (wish.conversation.clone(), now_us),
        );
        let shared = before.is_some_and(|(conversation, at_us)| {
            conversation != wish.conversation && now_us - at_us < scaled(TOGETHER_US, pace)
        });
        let by = |wanted: SharedBy| {
            counting(budgets, wish.spent_on).find(|budget| budget.shared_by == wanted)
        };
        let (first, second) = if shared {
            (SharedBy::Connection, SharedBy::Conversation)
        } else {
            (SharedBy::Conversation, SharedBy::Connection)
        };
        by(first).or_else(|| by(second))
    }

    fn learn_from(
        &mut self,
        budget: &Budget,
        pace: f64,
        wish: &Wish<C, R>,
        now: Timestamp,
    ) -> Option<(Class<C>, Lesson)> {
        let class = class(budget, wish.connection);
        let known = self.lessons.get(&class).copied();
        if known.is_some_and(|known| age_us(known, pace, now) < ONE_LESSON_US) {
            return None;
        }
        let believed = believed_us(budget, known, pace, now);
        let lesson = Lesson {
            spacing_us: (believed + believed / 4).min(published_us(budget) * SLOWEST),
            at: now,
        };
        self.lessons.insert(class, lesson);
        Some((class, lesson))
    }

    fn account(&mut self, budget: &Budget, wish: &Wish<C, R>, now_us: i64) -> &mut Account<R> {
        let conversation = match budget.shared_by {
            SharedBy::Connection => None,
            SharedBy::Conversation => Some(wish.conversation.clone()),
        };
        self.accounts
            .entry((class(budget, wish.connection), conversation))
            .or_insert_with(|| Account {
                full_at_us: now_us,
                closed_until_us: now_us,
                queue: BTreeMap::new(),
                places: HashMap::new(),
                next_place: 0,
            })
    }

    /// How far apart calls are in the long run, in microseconds of our clock.
    fn spacing_us(&self, budget: &Budget, connection: C, pace: f64, now: Timestamp) -> i64 {
        let lesson = self.lessons.get(&class(budget, connection)).copied();
        scaled(believed_us(budget, lesson, pace, now), pace)
    }
}

impl<R: Clone + Eq + Hash> Account<R> {
    fn is_in_use(&self, now_us: i64) -> bool {
        self.full_at_us.max(self.closed_until_us) > now_us || !self.queue.is_empty()
    }

    /// When this wish may be granted, if everyone before it is. Whoever comes for their turn does
    /// not wait for others who are late for theirs.
    fn turn_us(
        &self,
        budget: &Budget,
        wish: &Wish<impl Sized, R>,
        spacing: i64,
        now_us: i64,
    ) -> i64 {
        let place = self.places.get(&wish.conversation);
        let is_due = |turn: &Turn<R>| turn.expected_us <= now_us;
        let ahead = match place {
            Some(place) if self.queue.get(place).is_some_and(is_due) => 0,
            Some(place) => self.queue.range(..place).count(),
            None => self.queue.range(..(wish.urgency, u64::MAX)).count(),
        };
        let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
        let reserve = reserve_us(budget, wish.urgency, spacing);
        let turn = self.full_at_us - reserve + spacing.saturating_mul(ahead);
        turn.max(self.closed_until_us)
    }

    fn queue_up(&mut self, wish: &Wish<impl Sized, R>, expected_us: i64) {
        let next = (wish.urgency, self.next_place);
        let place = *self.places.entry(wish.conversation.clone()).or_insert(next);
        if place == next {
            self.next_place += 1;
        }
        let conversation = wish.conversation.clone();
        self.queue.insert(
            place,
            Turn {
                conversation,
                expected_us,
            },
        );
    }

    fn leave(&mut self, conversation: &R) {
        if let Some(place) = self.places.remove(conversation) {
            self.queue.remove(&place);
        }
    }

    /// Whoever had nothing to send any more when their turn came holds up nobody.
    fn forget_missed_turns(&mut self, now_us: i64) {
        for urgency in [Urgency::Live, Urgency::CaughtUp] {
            while let Some((place, turn)) = self.queue.range((urgency, 0)..).next()
                && place.0 == urgency
                && turn.expected_us + MISSED_TURN_US < now_us
            {
                let (place, conversation) = (*place, turn.conversation.clone());
                self.queue.remove(&place);
                self.places.remove(&conversation);
            }
        }
    }
}

fn counting(budgets: &[Budget], spent_on: Spending) -> impl Iterator<Item = &Budget> {
    budgets
        .iter()
        .filter(move |budget| budget.spent_on == spent_on)
}

fn class<C>(budget: &Budget, connection: C) -> Class<C> {
    Class {
        connection,
        spent_on: budget.spent_on,
        shared_by: budget.shared_by,
    }
}

/// How much earlier than in the long run a call may come. What is caught up has hardly any of the
/// reserve, but enough that one that comes a little late costs nothing.
fn reserve_us(budget: &Budget, urgency: Urgency, spacing: i64) -> i64 {
    let calls = match urgency {
        Urgency::Live => budget.burst.saturating_sub(1),
        Urgency::CaughtUp => budget.burst.saturating_sub(1).min(1),
    };
    spacing.saturating_mul(i64::from(calls))
}

/// In microseconds of the platform's clock.
fn published_us(budget: &Budget) -> i64 {
    i64::from(budget.per_ms) * 1_000 / i64::from(budget.calls.max(1))
}

/// The published spacing, stretched by what was learned, in microseconds of the platform's clock.
fn believed_us(budget: &Budget, lesson: Option<Lesson>, pace: f64, now: Timestamp) -> i64 {
    let published = published_us(budget);
    let Some(lesson) = lesson else {
        return published;
    };
    let left = REMEMBERED_US
        .saturating_sub(age_us(lesson, pace, now))
        .max(0);
    let stretched = (lesson.spacing_us - published).max(0);
    published + (i128::from(stretched) * i128::from(left) / i128::from(REMEMBERED_US)) as i64
}

/// How long ago it was learned, in microseconds of the platform's clock.
fn age_us(lesson: Lesson, pace: f64, now: Timestamp) -> i64 {
    ((now.ms_since(lesson.at).max(0) as f64) * 1_000.0 * pace) as i64
}

/// From the platform's clock to ours.
fn scaled(us: i64, pace: f64) -> i64 {
    ((us as f64) / pace.max(f64::MIN_POSITIVE)).ceil() as i64
}

#[cfg(test)]
mod tests {
    use causeway_model::capability;

    use super::*;

    fn post(conversation: u8) -> Wish<u8, u8> {
        Wish {
            connection: 1,
            conversation,
            spent_on: Spending::Post,
            urgency: Urgency::Live,
        }
    }

    /// How many posts to these conversations are let through within a span, tried as often as the
    /// purse itself says.
    fn let_through(conversations: u8, span_ms: i64, pace: f64) -> usize {
        let mut purse = Purse::default();
        let mut count = 0;
        for conversation in 0..conversations {
            let mut now = 0;
            while now < span_ms {
                match purse.spend(
                    capability::SLACK.budgets,
                    pace,
                    &post(conversation),
                    Timestamp(now),
                ) {
                    Ok(()) => count += 1,
                    Err(at) => now = at.0,
                }
            }
        }
        count
    }

    #[test]
    fn a_conversation_takes_a_burst_and_then_one_a_second() {
        let mut purse = Purse::default();
        let mut at = |ms| purse.spend(capability::SLACK.budgets, 1.0, &post(1), Timestamp(ms));
        for _ in 0..4 {
            assert_eq!(at(0), Ok(()));
        }
        assert_eq!(at(0), Err(Timestamp(1_001)));
        assert_eq!(at(1_001), Ok(()));
        assert!(at(1_002).is_err());
    }

    #[test]
    fn nearly_all_of_a_budget_is_used_and_never_more() {
        let used = let_through(1, 60_000, 1.0);
        assert!((60..=64).contains(&used), "{used}");
        // The sandbox's clock runs faster, and its limits with it.
        let faster = let_through(1, 3_000, 20.0);
        assert!((58..=64).contains(&faster), "{faster}");
    }

    #[test]
    fn one_conversation_does_not_use_up_anothers() {
        let mut purse = Purse::default();
        let budgets = capability::SLACK.budgets;
        while purse.spend(budgets, 1.0, &post(1), Timestamp(0)).is_ok() {}
        assert_eq!(purse.spend(budgets, 1.0, &post(2), Timestamp(0)), Ok(()));
    }

    #[test]
    fn all_conversations_together_stay_inside_the_connections_budget() {
        let mut purse = Purse::default();
        let budgets = capability::TEAMS.budgets;
        let sent = (0..=u8::MAX)
            .filter(|conversation| {
                let wish = post(*conversation);
                purse.spend(budgets, 1.0, &wish, Timestamp(0)).is_ok()
            })
            .count();
        assert_eq!(sent, 10);
    }

    #[test]
    fn what_has_no_budget_is_never_held_up() {
        let mut purse = Purse::default();
        for _ in 0..1_000 {
            assert_eq!(purse.spend(&[], 1.0, &post(1), Timestamp(0)), Ok(()));
        }
    }

    /// Two conversations for one connection's budget: one with very much to say that was missed,
    /// and one where somebody says something now and then.
    #[test]
    fn what_is_said_now_does_not_wait_behind_what_is_caught_up() {
        let mut purse = Purse::default();
        let budgets = capability::TEAMS.budgets;
        let mut waiting: Vec<(i64, Wish<u8, u8>)> = (0..200)
            .map(|conversation| {
                let urgency = Urgency::CaughtUp;
                (
                    0,
                    Wish {
                        urgency,
                        ..post(conversation)
                    },
                )
            })
            .collect();
        let mut caught_up = 0;
        for now in 0..10_000 {
            for (due, wish) in &mut waiting {
                if *due <= now {
                    match purse.spend(budgets, 1.0, wish, Timestamp(now)) {
                        Ok(()) => caught_up += 1,
                        Err(at) => *due = at.0,
                    }
                }
            }
            if now % 500 == 250 {
                let said = purse.spend(budgets, 1.0, &post(250), Timestamp(now));
                assert_eq!(said, Ok(()), "at {now}");
            }
        }
        // What is left of 20 a second.
        assert!((170..=200).contains(&caught_up), "{caught_up}");
    }

    #[test]
    fn a_budget_that_many_want_is_shared_in_turn_and_used_up() {
        let mut purse = Purse::default();
        let budgets = capability::TEAMS.budgets;
        let mut due = [0_i64; 60];
        let mut had = [0_u32; 60];
        for now in 0..30_000 {
            // Whoever asks first, every time.
            for conversation in 0..60_u8 {
                let index = usize::from(conversation);
                if due[index] > now {
                    continue;
                }
                match purse.spend(budgets, 1.0, &post(conversation), Timestamp(now)) {
                    Ok(()) => had[index] += 1,
                    Err(at) => due[index] = at.0,
                }
            }
        }
        let total: u32 = had.iter().sum();
        assert!((590..=612).contains(&total), "{total} of 600");
        let (least, most) = (had.iter().min(), had.iter().max());
        assert!(
            least >= Some(&9) && most <= Some(&14),
            "{least:?} to {most:?}"
        );
    }

    /// A platform whose clock runs far faster than ours, and lanes that are woken late.
    #[test]
    fn a_budget_is_used_up_although_everyone_comes_late_for_their_turn() {
        let mut purse = Purse::default();
        let budgets = capability::TEAMS.budgets;
        let mut due = [0_i64; 50];
        let mut total = 0;
        for now in 0..3_000 {
            for conversation in 0..50_u8 {
                let index = usize::from(conversation);
                // Between nothing and six milliseconds late.
                let late = (i64::from(conversation) * 7 + now) % 7;
                if due[index] + late > now {
                    continue;
                }
                match purse.spend(budgets, 20.0, &post(conversation), Timestamp(now)) {
                    Ok(()) => total += 1,
                    Err(at) => due[index] = at.0,
                }
            }
        }
        assert!((1_140..=1_212).contains(&total), "{total} of 1200");
    }

    #[test]
    fn whoever_does_not_come_for_their_turn_holds_up_nobody_for_long() {
        let mut purse = Purse::default();
        let budgets = capability::TEAMS.budgets;
        let granted = (0..=200_u8)
            .filter(|conversation| {
                let wish = post(*conversation);
                purse.spend(budgets, 1.0, &wish, Timestamp(0)).is_ok()
            })
            .count();
        assert_eq!(granted, 10);
        // Their turns were over within 10 s, and nobody came.
        let now = Timestamp(13_000);
        assert_eq!(purse.spend(budgets, 1.0, &post(201), now), Ok(()));
    }

    #[test]
    fn a_refusal_is_obeyed_and_learned_from_and_forgotten_slowly() {
        let budgets = capability::SLACK.budgets;
        let mut purse = Purse::default();
        let learned = purse.refused(budgets, 1.0, &post(1), Some(30_000), Timestamp(0));
        let (class, lesson) = learned.expect("it is a lesson");
        assert_eq!(class.shared_by, SharedBy::Conversation);
        assert_eq!(lesson.spacing_us, 1_250_000);
        // Another conversation is not held up, this one for as long as was asked.
        assert_eq!(purse.spend(budgets, 1.0, &post(2), Timestamp(10)), Ok(()));
        assert_eq!(
            purse.spend(budgets, 1.0, &post(1), Timestamp(10)),
            Err(Timestamp(30_001))
        );
        // Refusals of the same moment are one lesson.
        let again = purse.refused(budgets, 1.0, &post(1), None, Timestamp(500));
        assert_eq!(again, None);

        let per_minute = |purse: &mut Purse<u8, u8>, from: i64| {
            let mut due = from;
            let mut count = 0;
            while due < from + 60_000 {
                match purse.spend(budgets, 1.0, &post(9), Timestamp(due)) {
                    Ok(()) => count += 1,
                    Err(at) => due = at.0,
                }
            }
            count
        };
        // A restart: what was learned is believed.
        let mut restarted = Purse::default();
        restarted.remember(class, lesson);
        let slower = per_minute(&mut restarted, 1_000);
        assert!((48..=53).contains(&slower), "{slower}");
        let hours_later = per_minute(&mut restarted, 7 * 3_600_000);
        assert!((60..=64).contains(&hours_later), "{hours_later}");
    }

    #[test]
    fn refusals_of_several_conversations_slow_the_whole_connection() {
        let budgets = capability::SLACK.budgets;
        let mut purse = Purse::default();
        purse.refused(budgets, 1.0, &post(1), Some(5_000), Timestamp(0));
        let learned = purse.refused(budgets, 1.0, &post(2), Some(5_000), Timestamp(100));
        let (class, _) = learned.expect("it is a lesson");
        assert_eq!(class.shared_by, SharedBy::Connection);
        let third = purse.spend(budgets, 1.0, &post(3), Timestamp(200));
        assert_eq!(third, Err(Timestamp(5_101)));
    }
}
