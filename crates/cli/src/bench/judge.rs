//! From what was measured to the figures and whether they reach their goals.

use causeway_model::{Platform, SharedBy, Spending, capability};

use super::{
    Measured,
    budget::Used,
    figure::Figure,
    rounds::{Processor, Round},
    sizes::Sizes,
    stats::median,
};

/// What matterbridge 1.26 relays at best in a second with sixteen senders, and with one.
const MATTERBRIDGE_16: f64 = 2_839.0;
const MATTERBRIDGE_1: f64 = 1_083.0;

pub fn figures(measured: &Measured, sizes: &Sizes) -> Vec<Figure> {
    let rounds = &Rounds(&measured.rounds);
    let mut figures = baselines(rounds, sizes);
    figures.push(throughput(rounds, sizes));
    figures.extend(latencies(rounds, sizes));
    figures.extend(neighbours(rounds, sizes));
    figures.push(used(
        "budget_slack",
        Platform::Slack,
        &measured.slack,
        sizes,
    ));
    figures.push(used(
        "budget_teams",
        Platform::Teams,
        &measured.teams,
        sizes,
    ));
    figures.extend(memory(measured, sizes));
    figures.push(cost(rounds, sizes));
    figures.push(start(measured, sizes));
    figures.push(disk(measured));
    figures
}

struct Rounds<'a>(&'a [Round]);

impl Rounds<'_> {
    fn median(&self, value: impl Fn(&Round) -> f64) -> f64 {
        let values: Vec<f64> = self.0.iter().map(value).collect();
        median(&values)
    }

    fn times(&self, each: impl Into<u64>) -> u64 {
        self.0.len() as u64 * each.into()
    }
}

fn baselines(rounds: &Rounds<'_>, sizes: &Sizes) -> Vec<Figure> {
    let of = |name, unit, each: u32, value: fn(&Round) -> f64| {
        Figure::new(name, rounds.median(value), unit, rounds.times(each))
    };
    vec![
        of("bare_1", "posts/s", sizes.bare_1, |round| round.bare_1),
        of("bare_1_p50_ms", "ms", sizes.bare_1, |round| {
            round.bare_p50_ms
        }),
        of("bare_16", "posts/s", sizes.bare_16, |round| round.bare_16),
        of("fsync_ms", "ms", sizes.fsync, |round| round.fsync_ms),
        of("store_1_ms", "ms", sizes.store_1, |round| round.store_1_ms),
        of("store_16", "messages/s", sizes.store_16 * 16, |round| {
            round.store_16
        }),
        of("bare_fsync_p99_ms", "ms", sizes.single as u32, |round| {
            round.bare_fsync_p99_ms
        }),
    ]
}

fn throughput(rounds: &Rounds<'_>, sizes: &Sizes) -> Figure {
    let store = rounds.median(|round| round.store_16);
    let value = rounds.median(|round| round.throughput);
    let enough = 2.8 * MATTERBRIDGE_16;
    let n = rounds.times(sizes.flood);
    Figure::new("throughput_16", value, "messages/s", n)
        .against(store)
        .goal(
            format!(
                ">= 0.6 x store_16, >= {enough:.0}/s (2.8 x matterbridge's {MATTERBRIDGE_16:.0}/s)"
            ),
            value >= 0.6 * store && value >= enough,
            || why_no_faster(rounds, value),
        )
}

/// What the machine was busy with.
fn why_no_faster(rounds: &Rounds<'_>, value: f64) -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let Processor {
        writer,
        others,
        sink,
    } = Processor {
        writer: rounds.median(|round| round.processor.writer),
        others: rounds.median(|round| round.processor.others),
        sink: rounds.median(|round| round.processor.sink),
    };
    let each = |seconds: f64| seconds / value * 1e6;
    format!(
        "of {processors} processors the relay's database thread took {writer:.2}, its others \
         {others:.2}, the sink {sink:.2}: for each message {:.0} us of deciding and committing and \
         {:.0} us of sockets, JSON and HTTP. {:.1} x matterbridge with sixteen senders, {:.1} x \
         with one",
        each(writer),
        each(others),
        value / MATTERBRIDGE_16,
        value / MATTERBRIDGE_1,
    )
}

fn latencies(rounds: &Rounds<'_>, sizes: &Sizes) -> [Figure; 2] {
    let n = rounds.times(sizes.single);
    let (bare, commit) = (
        rounds.median(|round| round.bare_p50_ms),
        rounds.median(|round| round.store_1_ms),
    );
    let p50 = rounds.median(|round| round.p50_ms);
    let allowed = bare + 2.0 * commit;
    let loop_p99 = rounds.median(|round| round.bare_fsync_p99_ms);
    let p99 = rounds.median(|round| round.p99_ms);
    [
        Figure::new("latency_one_p50_ms", p50, "ms", n)
            .against(allowed)
            .goal("<= bare + 2 SQLCipher commits", p50 <= allowed, || {
                format!(
                    "a bare post takes {bare:.2} ms and a commit of one row {commit:.2} ms. The \
                     relay waits for two commits too, the outcome of the message before and this \
                     one's own, but each changes rows of several tables with their indexes, and \
                     every changed page is encrypted and authenticated anew; with the deciding \
                     between them that is {:.2} ms more",
                    p50 - allowed
                )
            }),
        Figure::new("latency_one_p99_ms", p99, "ms", n)
            .against(loop_p99)
            .goal("<= 3 x p99 of bare + fsync", p99 <= 3.0 * loop_p99, || {
                format!(
                    "already the median, {p50:.2} ms, is {:.1} times the baseline's 99th percentile",
                    p50 / loop_p99
                )
            }),
    ]
}

fn neighbours(rounds: &Rounds<'_>, sizes: &Sizes) -> [Figure; 2] {
    let n = rounds.times(sizes.neighbour);
    let of = |name, with: f64, without: f64| {
        let figure = Figure::new(name, with, "ms", n).against(without);
        let met = with <= 1.5 * without;
        figure.goal("<= 1.5 x without", met, || {
            "probably what the neighbours have recorded (their events, attempts and failures) stands in \
             the same queue for the database's one writer"
                .to_owned()
        })
    };
    [
        of(
            "neighbour_slow_p99_ms",
            rounds.median(|round| round.slow_p99_ms),
            rounds.median(|round| round.before_slow_p99_ms),
        ),
        of(
            "neighbour_dead_p99_ms",
            rounds.median(|round| round.dead_p99_ms),
            rounds.median(|round| round.before_dead_p99_ms),
        ),
    ]
}

fn used(name: &'static str, platform: Platform, used: &Used, sizes: &Sizes) -> Figure {
    let share = used.accepted as f64 / used.allowed * 100.0;
    let met = share >= 95.0 && used.refused == 0;
    let mut figure =
        Figure::new(name, share, "% used", used.accepted).goal(">= 95 % used, no 429", met, || {
            why_unused(platform, used, sizes)
        });
    figure.baseline = Some(used.allowed);
    figure.ratio = Some((share * 10.0).round() / 1_000.0);
    figure
}

fn why_unused(platform: Platform, used: &Used, sizes: &Sizes) -> String {
    let mut causes = Vec::new();
    if used.refused > 0 {
        causes.push(format!("{} posts were refused with 429", used.refused));
    }
    let whole = match platform {
        Platform::Slack => capability::SLACK.budgets,
        Platform::Teams => capability::TEAMS.budgets,
        Platform::Webex | Platform::Zoom => &[],
    };
    let whole = whole
        .iter()
        .filter(|budget| budget.spent_on == Spending::Post)
        .find(|budget| budget.shared_by == SharedBy::Connection);
    let allowed_by_us = whole.map(|budget| {
        let per_second = f64::from(budget.calls) * 1_000.0 / f64::from(budget.per_ms);
        let allowed = per_second * sizes.budget_seconds + f64::from(budget.burst);
        (per_second, allowed)
    });
    if let Some((per_second, allowed)) = allowed_by_us
        && allowed < 0.95 * used.allowed
    {
        causes.push(format!(
            "beside the channels' own limits the hub keeps to {per_second:.0} posts a second for \
             the whole connection, as published for it: {allowed:.0} of {:.0}",
            used.allowed
        ));
    }
    let own = allowed_by_us.map_or(used.allowed, |(_, allowed)| allowed.min(used.allowed));
    if (used.accepted as f64) < 0.95 * own {
        causes.push(format!(
            "of the {own:.0} that it lets itself make, the relay made {}",
            used.accepted
        ));
    }
    if causes.is_empty() {
        causes.push("the relay sent fewer than it was allowed to".to_owned());
    }
    causes.join("; ")
}

fn memory(measured: &Measured, sizes: &Sizes) -> [Figure; 2] {
    let (idle, waiting) = (measured.idle.now, measured.waiting_mb);
    [
        Figure::new("rss_idle_mb", idle, "MiB", sizes.pairs as u64 * 2).goal(
            "<= 30",
            idle <= 30.0,
            || {
                let of_files = measured.idle.of_files;
                format!(
                    "{of_files:.1} MiB of it are pages of files, the program's above all; {:.1} MiB \
                     are its own memory",
                    idle - of_files
                )
            },
        ),
        Figure::new("rss_waiting_mb", waiting, "MiB", sizes.waiting).goal(
            "<= 80",
            waiting <= 80.0,
            || "probably memory grew with what waits".to_owned(),
        ),
    ]
}

fn cost(rounds: &Rounds<'_>, sizes: &Sizes) -> Figure {
    let (empty, full) = (
        rounds.median(|round| 1e6 / round.throughput),
        rounds.median(|round| 1e6 / round.with_history),
    );
    Figure::new("cost_at_rows", full, "us/message", sizes.remembered)
        .against(empty)
        .goal("<= 1.2 x empty", full <= 1.2 * empty, || {
            "probably indexes whose keys come in no order (seen events, relay ids) no longer fit the \
             database's cache, so that their pages are read, decrypted and written one by one"
                .to_owned()
        })
}

fn start(measured: &Measured, sizes: &Sizes) -> Figure {
    let seconds = median(&measured.starts_s);
    Figure::new("start_waiting_s", seconds, "s", sizes.waiting).goal("<= 2", seconds <= 2.0, || {
        "probably lanes with something in them are found by reading all that waits".to_owned()
    })
}

fn disk(measured: &Measured) -> Figure {
    let grown = measured.grown_bytes as f64 / measured.grown_by.max(1) as f64;
    Figure::new("disk_per_message_bytes", grown, "bytes", measured.grown_by).goal(
        "<= 400",
        grown <= 400.0,
        || {
            "a delivered message leaves a row each of the event, the message, its copy and the \
             ledger, with ten indexes between them; the relay id's 32 characters and the event's \
             key stand twice, in rows and in indexes that chance fills to two thirds"
                .to_owned()
        },
    )
}
