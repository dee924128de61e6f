//! Rate limits of the account, shared by all its apps, in the sandbox's time.
//!
//! Source: <https://developers.zoom.us/docs/api/rate-limits/>

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

use super::{
    moment::{DAY_MS, midnight},
    switches::Plan,
};

/// How much a call weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    Light,
    Medium,
    Heavy,
}

/// What a plan allows of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allowance {
    per_second: u32,
    per_day: Option<u32>,
}

impl Label {
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "Light",
            Self::Medium => "Medium",
            Self::Heavy => "Heavy",
        }
    }

    fn allowance(self, plan: Plan) -> Allowance {
        let (per_second, per_day) = match (plan, self) {
            (Plan::Free, Self::Light) => (4, Some(6_000)),
            (Plan::Free, Self::Medium) => (2, Some(2_000)),
            (Plan::Free, Self::Heavy) => (1, Some(1_000)),
            (Plan::Pro, Self::Light) => (30, None),
            (Plan::Pro, Self::Medium) => (20, None),
            (Plan::Pro, Self::Heavy) => (10, Some(30_000)),
            (Plan::Business, Self::Light) => (80, None),
            (Plan::Business, Self::Medium) => (60, None),
            (Plan::Business, Self::Heavy) => (40, Some(60_000)),
        };
        Allowance {
            per_second,
            per_day,
        }
    }
}

/// What is left of an allowance, as the answer's headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub label: Label,
    pub limit: u32,
    pub remaining: u32,
}

/// Which limit is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedUp {
    /// Of this second.
    Second,
    /// Of this day, until then.
    Day { until: Millis },
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    second: Millis,
    in_second: u32,
    day: Millis,
    in_day: u32,
    /// Whether other apps of the account have made all calls of the day.
    is_spent: bool,
}

/// What was called in the running second and day.
#[derive(Debug, Default)]
pub struct Limits {
    light: Count,
    medium: Count,
    heavy: Count,
}

impl Limits {
    /// Takes one call. Also where it is refused, the headers say what is left.
    pub fn take(&mut self, label: Label, plan: Plan, now: Millis) -> (Left, Result<(), UsedUp>) {
        let allowed = label.allowance(plan);
        let count = self.count(label);
        count.turn(now);
        let left = |remaining| Left {
            label,
            limit: allowed.per_second,
            remaining,
        };
        let used_up = |limit: &u32| count.is_spent || count.in_day >= *limit;
        if let Some(limit) = allowed.per_day.filter(used_up) {
            let until = midnight(now) + DAY_MS;
            let left = Left {
                label,
                limit,
                remaining: 0,
            };
            return (left, Err(UsedUp::Day { until }));
        }
        if count.in_second >= allowed.per_second {
            return (left(0), Err(UsedUp::Second));
        }
        count.in_second += 1;
        count.in_day += 1;
        (left(allowed.per_second - count.in_second), Ok(()))
    }

    /// Other apps of the account make all calls of these labels that its plan allows in this day.
    pub fn use_up(&mut self, labels: &[Label], now: Millis) {
        for label in labels {
            let count = self.count(*label);
            count.turn(now);
            count.is_spent = true;
        }
    }

    fn count(&mut self, label: Label) -> &mut Count {
        match label {
            Label::Light => &mut self.light,
            Label::Medium => &mut self.medium,
            Label::Heavy => &mut self.heavy,
        }
    }
}

impl Count {
    fn turn(&mut self, now: Millis) {
        let (second, day) = (now.div_euclid(1000), midnight(now));
        if second != self.second {
            (self.second, self.in_second) = (second, 0);
        }
        if day != self.day {
            (self.day, self.in_day, self.is_spent) = (day, 0, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_used_up_and_the_next_is_free() {
        let mut limits = Limits::default();
        let mut take = |now| limits.take(Label::Medium, Plan::Free, now).1;
        assert_eq!((take(0), take(999)), (Ok(()), Ok(())));
        assert_eq!(take(999), Err(UsedUp::Second));
        assert_eq!(take(1000), Ok(()));
    }

    #[test]
    fn what_other_apps_have_used_up_is_free_the_day_after_and_where_a_day_has_no_limit() {
        let mut limits = Limits::default();
        limits.use_up(&[Label::Medium], 0);
        let mut take = |plan, now| limits.take(Label::Medium, plan, now).1;
        let used_up = UsedUp::Day { until: DAY_MS };
        assert_eq!(take(Plan::Free, 1), Err(used_up));
        assert_eq!(take(Plan::Pro, 1), Ok(()));
        assert_eq!(take(Plan::Free, DAY_MS), Ok(()));
    }

    #[test]
    fn a_day_is_used_up_until_midnight_and_other_labels_are_free() {
        let mut limits = Limits::default();
        for second in 0..1000 {
            let (_, taken) = limits.take(Label::Heavy, Plan::Free, second * 1000);
            assert_eq!(taken, Ok(()));
        }
        let now = 2_000_000;
        let (left, taken) = limits.take(Label::Heavy, Plan::Free, now);
        assert_eq!(taken, Err(UsedUp::Day { until: DAY_MS }));
        assert_eq!((left.limit, left.remaining), (1000, 0));
        assert_eq!(limits.take(Label::Light, Plan::Free, now).1, Ok(()));
        assert_eq!(limits.take(Label::Heavy, Plan::Free, DAY_MS).1, Ok(()));
    }
}
