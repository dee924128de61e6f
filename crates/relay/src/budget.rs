//! Staying inside a platform's limits: what may be called now, and what must wait.

use std::{collections::HashMap, hash::Hash};

use causeway_model::{Budget, SharedBy, Spending, Timestamp};

/// More accounts than this are looked through for those that are full again.
const MANY: usize = 20_000;

/// What is left of every budget of every connection. `C` names a connection, `R` a conversation.
///
/// Each account is one number, the moment at which it would be full again (the generic cell rate
/// algorithm), so that it holds no history and an account that nobody uses can be forgotten.
#[derive(Debug)]
pub struct Purse<C, R> {
    full_at_us: HashMap<Account<C, R>, i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Account<C, R> {
    connection: C,
    spent_on: Spending,
    conversation: Option<R>,
}

impl<C, R> Default for Purse<C, R> {
    fn default() -> Self {
        Self {
            full_at_us: HashMap::new(),
        }
    }
}

/// A call that somebody would like to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish<C, R> {
    pub connection: C,
    pub conversation: R,
    pub spent_on: Spending,
}

impl<C: Clone + Eq + Hash, R: Clone + Eq + Hash> Purse<C, R> {
    /// Takes a call out of every budget that counts it, or out of none.
    ///
    /// `pace` is how many times faster than ours the platform's clock runs.
    ///
    /// # Errors
    /// The moment at which it may be made.
    pub fn spend(
        &mut self,
        budgets: &[Budget],
        pace: f64,
        wish: &Wish<C, R>,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        let now_us = now.0.saturating_mul(1_000);
        let mut taken = Vec::new();
        let mut not_before = now_us;
        for budget in budgets
            .iter()
            .filter(|budget| budget.spent_on == wish.spent_on)
        {
            let account = account(budget, wish);
            let one_us = spacing_us(budget, pace);
            let full_at = self.full_at_us.get(&account).copied().unwrap_or(now_us);
            let early_us = one_us * (i64::from(budget.burst) - 1);
            not_before = not_before.max(full_at - early_us);
            taken.push((account, full_at.max(now_us) + one_us));
        }
        if not_before > now_us {
            return Err(Timestamp(not_before.div_euclid(1_000) + 1));
        }
        if self.full_at_us.len() > MANY {
            self.full_at_us.retain(|_, full_at| *full_at > now_us);
        }
        self.full_at_us.extend(taken);
        Ok(())
    }
}

fn account<C: Clone, R: Clone>(budget: &Budget, wish: &Wish<C, R>) -> Account<C, R> {
    Account {
        connection: wish.connection.clone(),
        spent_on: budget.spent_on,
        conversation: match budget.shared_by {
            SharedBy::Connection => None,
            SharedBy::Conversation => Some(wish.conversation.clone()),
        },
    }
}

/// How far apart calls are in the long run, in microseconds of our clock.
fn spacing_us(budget: &Budget, pace: f64) -> i64 {
    let per_us = i64::from(budget.per_ms) * 1_000 / i64::from(budget.calls.max(1));
    ((per_us as f64) / pace.max(f64::MIN_POSITIVE)).ceil() as i64
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
}
