//! What is written, what arrives, and when.

mod run;

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::sync::{Notify, mpsc, oneshot};

use self::run::Run;
use super::{STUCK, slack, wire};
use crate::bench::{
    now,
    orders::{Lane, Limit, Ran, Treatment, Until},
};

/// An envelope on its way to the socket, with the number of the message in it.
pub struct Outgoing {
    pub number: Option<u64>,
    pub envelope: String,
}

/// Where a post was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Slack,
    Teams,
}

/// How a post is to be answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    Accept,
    AcceptAfter(Duration),
    /// 429, to be tried again after this.
    Throttle(Duration),
    Refuse,
    NeverAnswer,
}

pub struct Traffic {
    state: Mutex<State>,
    /// Numbers messages, for ever.
    number: AtomicU64,
    /// The present trickle.
    trickle: AtomicU64,
    count_ended: Notify,
}

struct State {
    /// The socket that was opened last.
    socket: Option<mpsc::UnboundedSender<Outgoing>>,
    treatments: Vec<Treatment>,
    run: Option<Run>,
    opening: HashMap<Lane, Opening>,
    held: Option<Held>,
    /// How many letters of each lane are still to be found, and how many were.
    letters: HashMap<Lane, u32>,
    awaited: Option<oneshot::Sender<()>>,
    sample: Option<(String, String)>,
}

struct Opening {
    done: oneshot::Sender<()>,
    greeted: bool,
}

/// A limit that is held, from its first post on.
struct Held {
    limit: Limit,
    began: Option<Instant>,
    /// What is left in each lane's bucket, and when that was counted.
    buckets: HashMap<Lane, Bucket>,
    /// What is left for all lanes together.
    whole: Option<Bucket>,
    accepted: u64,
    throttled: u64,
}

impl Traffic {
    pub fn new(pairs: usize) -> Self {
        Self {
            state: Mutex::new(State {
                socket: None,
                treatments: vec![Treatment::Well; pairs],
                run: None,
                opening: HashMap::new(),
                held: None,
                letters: HashMap::new(),
                awaited: None,
                sample: None,
            }),
            number: AtomicU64::new(1),
            trickle: AtomicU64::new(0),
            count_ended: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_socket(&self, socket: mpsc::UnboundedSender<Outgoing>) {
        self.state().socket = Some(socket);
    }

    /// Hands an envelope to the socket.
    ///
    /// # Errors
    /// When the hub listens on none.
    pub fn say(&self, envelope: String) -> Result<()> {
        self.send(Outgoing {
            number: None,
            envelope,
        })
    }

    /// A message that is not part of what is measured.
    pub fn say_beside(&self, lane: Lane) -> Result<()> {
        self.say(slack::message(lane, self.next_number()))
    }

    fn next_number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    fn send(&self, outgoing: Outgoing) -> Result<()> {
        let state = self.state();
        let socket = state
            .socket
            .as_ref()
            .context("the hub has no socket open")?;
        socket
            .send(outgoing)
            .map_err(|_| anyhow::anyhow!("the hub's socket was closed"))
    }

    pub fn treat(&self, lanes: &[Lane], how: Treatment) {
        let mut state = self.state();
        for lane in lanes {
            if let Some(treatment) = state.treatments.get_mut(*lane) {
                *treatment = how;
            }
        }
    }

    pub fn trickle(&self) -> u64 {
        self.trickle.load(Ordering::Relaxed)
    }

    pub fn next_trickle(&self) -> u64 {
        self.trickle.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Resolves when the lane's partner has got a first message.
    pub fn opening(&self, lane: Lane) -> oneshot::Receiver<()> {
        let (done, opened) = oneshot::channel();
        let greeted = false;
        self.state().opening.insert(lane, Opening { done, greeted });
        opened
    }

    pub fn next_post(&self) -> oneshot::Receiver<()> {
        let (awaited, posted) = oneshot::channel();
        self.state().awaited = Some(awaited);
        posted
    }

    pub fn sample(&self) -> Option<(String, String)> {
        self.state().sample.clone()
    }

    pub fn put_letters(&self, lanes: &[Lane], each: u32) {
        let mut state = self.state();
        state.letters.extend(lanes.iter().map(|lane| (*lane, each)));
    }

    /// Lanes whose partners' letters nobody has fetched yet.
    pub fn unread(&self) -> Vec<Lane> {
        self.state().letters.keys().copied().collect()
    }

    /// The texts of a lane's letters; they are told once.
    pub fn take_letters(&self, lane: Lane) -> Vec<String> {
        let each = self.state().letters.remove(&lane).unwrap_or(0);
        (0..each).map(|_| wire::text(self.next_number())).collect()
    }

    pub fn limit(&self, limit: Limit) {
        self.state().held = Some(Held {
            limit,
            began: None,
            buckets: HashMap::new(),
            whole: None,
            accepted: 0,
            throttled: 0,
        });
    }

    pub fn limits(&self) -> Option<Limit> {
        self.state().held.as_ref().map(|held| held.limit)
    }

    /// Resolves when the time of the limit is over.
    pub async fn count_ended(&self) {
        loop {
            let left = match &self.state().held {
                Some(held) => held.left(),
                None => return,
            };
            match left {
                Some(Duration::ZERO) => return,
                Some(left) => tokio::time::sleep(left).await,
                None => self.count_ended.notified().await,
            }
        }
    }

    /// How many posts were accepted, and how many refused.
    pub fn end_limit(&self) -> (u64, u64) {
        let held = self.state().held.take();
        held.map_or((0, 0), |held| (held.accepted, held.throttled))
    }

    /// Begins to write; what is answered resolves when everything has arrived.
    ///
    /// # Errors
    /// When the hub has no socket open, or something is being written already.
    pub fn write(
        &self,
        lanes: &[Lane],
        window: u32,
        until: Until,
    ) -> Result<oneshot::Receiver<Ran>> {
        let (ended, end) = oneshot::channel();
        let mut state = self.state();
        if state.run.is_some() {
            bail!("something is being written already");
        }
        let mut run = Run::new(until, ended);
        let socket = state.socket.clone().context("the hub has no socket open")?;
        for _ in 0..window {
            for lane in lanes {
                if let Some(outgoing) = run.next(*lane, || self.next_number()) {
                    drop(socket.send(outgoing));
                }
            }
        }
        state.run = Some(run);
        Ok(end)
    }

    /// Waits for a run's end as long as something still arrives.
    pub async fn patiently(&self, mut end: oneshot::Receiver<Ran>) -> Result<Ran> {
        let mut before = self.arrived_so_far();
        loop {
            if let Ok(ended) = tokio::time::timeout(STUCK, &mut end).await {
                return ended.context("the run was given up");
            }
            let now = self.arrived_so_far();
            if now == before {
                self.state().run = None;
                bail!("nothing arrived for {} s", STUCK.as_secs());
            }
            before = now;
        }
    }

    fn arrived_so_far(&self) -> u64 {
        self.state().run.as_ref().map_or(0, Run::arrived)
    }

    /// These messages go onto the socket now.
    pub fn leave(&self, numbers: impl Iterator<Item = u64>) {
        let mut state = self.state();
        let now = now::instant();
        if let Some(run) = &mut state.run {
            numbers.for_each(|number| run.leave(number, now));
        }
    }

    /// A post whose request has come in completely at `now`.
    pub fn post(&self, side: Side, lane: Lane, path: &str, body: &[u8], now: Instant) -> Verdict {
        let mut state = self.state();
        if let Some(awaited) = state.awaited.take() {
            let _ = awaited.send(());
        }
        let treatment = state.treatments.get(lane).copied();
        let verdict = match treatment.unwrap_or(Treatment::Well) {
            Treatment::Well => Verdict::Accept,
            Treatment::Slow => Verdict::AcceptAfter(Duration::from_secs(1)),
            Treatment::Refused => return Verdict::Refuse,
            Treatment::Silent => return Verdict::NeverAnswer,
        };
        let first = state.held.as_ref().is_some_and(|held| held.began.is_none());
        if let Some(held) = &mut state.held
            && let Err(pause) = held.admit(lane, now)
        {
            return Verdict::Throttle(pause);
        }
        if first {
            self.count_ended.notify_one();
        }
        if side == Side::Teams && state.sample.is_none() {
            let body = String::from_utf8_lossy(body).into_owned();
            state.sample = Some((path.to_owned(), body));
        }
        if let (Some(run), Some(number)) = (&mut state.run, wire::number_in(body)) {
            run.arrive(number, now);
        }
        verdict
    }

    /// A post has been answered: the lane may go on. `number` is that of the message in it.
    pub fn answered(&self, side: Side, lane: Lane, number: Option<u64>) {
        let mut state = self.state();
        self.go_on_opening(&mut state, side, lane);
        let State { run, socket, .. } = &mut *state;
        let (Some(current), Some(socket), Some(number)) = (run.as_mut(), socket.as_ref(), number)
        else {
            return;
        };
        if let Some(outgoing) = current.answered(lane, number, || self.next_number()) {
            drop(socket.send(outgoing));
        }
        if current.is_over()
            && let Some(run) = run.take()
        {
            run.end();
        }
    }

    /// The app has told in Slack where the conversation is: a first message opens the other side.
    fn go_on_opening(&self, state: &mut State, side: Side, lane: Lane) {
        match side {
            Side::Slack => {
                let greeting = state.opening.get_mut(&lane);
                if greeting.is_some_and(|opening| !std::mem::replace(&mut opening.greeted, true))
                    && let Some(socket) = &state.socket
                {
                    drop(socket.send(Outgoing {
                        number: None,
                        envelope: slack::message(lane, self.next_number()),
                    }));
                }
            }
            Side::Teams => {
                if let Some(opening) = state.opening.remove(&lane) {
                    let _ = opening.done.send(());
                }
            }
        }
    }
}

impl Held {
    /// How much of its time is left, by our clock; none before it has begun.
    fn left(&self) -> Option<Duration> {
        let whole = Duration::from_secs_f64(self.limit.seconds / self.limit.speed);
        Some(whole.saturating_sub(self.began?.elapsed()))
    }

    /// Counts a post within the limit's time; the error is how long it must wait by our clock,
    /// which is whole seconds by the limit's.
    fn admit(&mut self, lane: Lane, now: Instant) -> Result<(), Duration> {
        let Limit {
            per_second,
            burst,
            whole_per_second,
            whole_burst,
            speed,
            seconds,
        } = self.limit;
        let began = *self.began.get_or_insert(now);
        let at = now.saturating_duration_since(began).as_secs_f64() * speed;
        let lane = self.buckets.entry(lane).or_insert(Bucket::full(burst, at));
        let whole = self.whole.get_or_insert(Bucket::full(whole_burst, at));
        let missing =
            lane.fill(per_second, burst, at)
                .max(whole.fill(whole_per_second, whole_burst, at));
        let admitted = missing <= 0.0;
        if admitted {
            lane.left -= 1.0;
            whole.left -= 1.0;
        }
        match (admitted, at <= seconds) {
            (true, true) => self.accepted += 1,
            (false, true) => self.throttled += 1,
            (_, false) => {}
        }
        match admitted {
            true => Ok(()),
            false => Err(Duration::from_secs_f64(missing.ceil() / speed)),
        }
    }
}

/// Posts that may be made at once, and when that was counted, in the limit's seconds.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: f64,
}

impl Bucket {
    fn full(burst: f64, at: f64) -> Self {
        Self { left: burst, at }
    }

    /// Counts what has come since; the seconds until there is enough for a post.
    fn fill(&mut self, per_second: f64, burst: f64, at: f64) -> f64 {
        self.left = (self.left + (at - self.at).max(0.0) * per_second).min(burst);
        self.at = at;
        (1.0 - self.left) / per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_lets_through_a_burst_and_then_what_its_clock_allows() {
        let began = now::instant();
        let mut held = Held {
            limit: Limit {
                per_second: 1.0,
                burst: 2.0,
                whole_per_second: 5.0,
                whole_burst: 10.0,
                speed: 10.0,
                seconds: 60.0,
            },
            began: None,
            buckets: HashMap::new(),
            whole: None,
            accepted: 0,
            throttled: 0,
        };
        assert_eq!(held.admit(1, began), Ok(()));
        assert_eq!(held.admit(1, began), Ok(()));
        assert_eq!(held.admit(1, began), Err(Duration::from_millis(100)));
        assert_eq!(held.admit(2, began), Ok(()));
        assert_eq!(held.admit(1, began + Duration::from_millis(101)), Ok(()));
        // After its time nothing is counted any more.
        assert_eq!(held.admit(1, began + Duration::from_secs(7)), Ok(()));
        assert_eq!((held.accepted, held.throttled), (4, 1));
    }
}
