//! Messages that are written and looked for: a closed loop in each lane.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{Outgoing, slack};
use crate::bench::{
    now,
    orders::{Lane, Ran, Until},
};

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Waits for the socket.
    Written,
    Left(Instant),
    Arrived,
    Answered,
}

pub(super) struct Run {
    until: Until,
    began: Instant,
    /// How many have been written.
    written: u64,
    /// Written and not answered yet.
    open: u64,
    messages: HashMap<u64, Way>,
    first_left: Option<Instant>,
    last_arrived: Option<Instant>,
    latencies: Vec<Duration>,
    doubled: u64,
    ended: oneshot::Sender<Ran>,
}

impl Run {
    pub(super) fn new(until: Until, ended: oneshot::Sender<Ran>) -> Self {
        Self {
            until,
            began: now::instant(),
            written: 0,
            open: 0,
            messages: HashMap::new(),
            first_left: None,
            last_arrived: None,
            latencies: Vec::new(),
            doubled: 0,
            ended,
        }
    }

    pub(super) fn arrived(&self) -> u64 {
        self.latencies.len() as u64
    }

    /// Another message for the lane, unless enough has been written.
    pub(super) fn next(&mut self, lane: Lane, number: impl FnOnce() -> u64) -> Option<Outgoing> {
        let more = match self.until {
            Until::Messages(all) => self.written < all,
            Until::Millis(ms) => self.began.elapsed() < Duration::from_millis(ms),
        };
        if !more {
            return None;
        }
        let number = number();
        self.written += 1;
        self.open += 1;
        self.messages.insert(number, Way::Written);
        Some(Outgoing {
            number: Some(number),
            envelope: slack::message(lane, number),
        })
    }

    pub(super) fn leave(&mut self, number: u64, now: Instant) {
        if let Some(way) = self.messages.get_mut(&number) {
            *way = Way::Left(now);
            self.first_left.get_or_insert(now);
        }
    }

    /// A message that is not of this run is none of its business.
    pub(super) fn arrive(&mut self, number: u64, now: Instant) {
        let Some(way) = self.messages.get_mut(&number) else {
            return;
        };
        match *way {
            Way::Written => {}
            Way::Left(left) => {
                *way = Way::Arrived;
                self.latencies.push(now.saturating_duration_since(left));
                self.last_arrived = Some(now);
            }
            Way::Arrived | Way::Answered => self.doubled += 1,
        }
    }

    /// This message's post was answered: its lane may go on.
    pub(super) fn answered(
        &mut self,
        lane: Lane,
        answered: u64,
        number: impl FnOnce() -> u64,
    ) -> Option<Outgoing> {
        let way = self.messages.get_mut(&answered)?;
        if *way != Way::Arrived {
            return None;
        }
        *way = Way::Answered;
        self.open -= 1;
        self.next(lane, number)
    }

    pub(super) fn is_over(&self) -> bool {
        self.open == 0
    }

    pub(super) fn end(self) {
        let seconds = match (self.first_left, self.last_arrived) {
            (Some(first), Some(last)) => last.saturating_duration_since(first).as_secs_f64(),
            _ => 0.0,
        };
        let in_us = |latency: &Duration| u32::try_from(latency.as_micros()).unwrap_or(u32::MAX);
        let ran = Ran {
            messages: self.arrived(),
            seconds,
            latencies_us: self.latencies.iter().map(in_us).collect(),
            doubled: self.doubled,
        };
        drop(self.ended.send(ran));
    }
}
