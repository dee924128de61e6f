//! What waits to be taken to somebody who listens: in the order of happening, unless a fault of
//! events is armed.

use crate::{
    clock::Millis,
    faults::FaultKind,
    wire::{Shared, delayed},
};

const FIRST_PAUSE: Millis = 1000;
/// How often one event is tried.
const MOST_TRIES: u32 = 5;
/// How long an event that shall be overtaken waits for the next one.
const OVERTAKEN_WITHIN: Millis = 5000;

/// Events on their way to one listener.
#[derive(Debug, Default)]
pub struct Outgoing(Vec<Waiting>);

#[derive(Debug, Clone)]
pub struct Waiting {
    pub body: String,
    due: Millis,
    tries: u32,
    is_overtaken: bool,
}

impl Outgoing {
    /// Puts an event in line, as the armed faults have it.
    pub fn add(&mut self, shared: &Shared, body: String) {
        let now = shared.clock.now();
        let kinds = [
            FaultKind::Delay,
            FaultKind::Duplicate,
            FaultKind::Reorder,
            FaultKind::Throttle,
        ];
        let fault = shared.faults.take_named("webex", "event", &kinds);
        let kind = fault.as_ref().map(|fault| fault.fault);
        let mut waiting = Waiting {
            body,
            due: now,
            tries: 0,
            is_overtaken: kind == Some(FaultKind::Reorder),
        };
        match (kind, &fault) {
            (Some(FaultKind::Throttle), _) => return,
            (Some(FaultKind::Delay), Some(fault)) => waiting.due = delayed(&shared.clock, fault),
            (Some(FaultKind::Reorder), _) => waiting.due = now + OVERTAKEN_WITHIN,
            (Some(FaultKind::Duplicate), _) => self.0.push(waiting.clone()),
            _ => {}
        }
        let overtakes = !waiting.is_overtaken;
        self.0.push(waiting);
        if overtakes {
            self.release_overtaken(now);
        }
    }

    /// When the next is due; never while nothing waits.
    pub fn due(&self) -> Option<Millis> {
        self.0.iter().map(|waiting| waiting.due).min()
    }

    /// Takes out what is due first.
    pub fn next(&mut self) -> Option<Waiting> {
        let due = self.due()?;
        let first = self.0.iter().position(|waiting| waiting.due == due)?;
        Some(self.0.remove(first))
    }

    /// Tries it again later, unless it was tried often enough.
    pub fn again(&mut self, waiting: Waiting, now: Millis) {
        let tries = waiting.tries + 1;
        if tries < MOST_TRIES {
            self.0.push(Waiting {
                due: now + (FIRST_PAUSE << waiting.tries),
                tries,
                ..waiting
            });
        }
    }

    /// Lets what was held back go after the event that has just been put in line.
    fn release_overtaken(&mut self, now: Millis) {
        let held = |waiting: &mut Waiting| waiting.is_overtaken;
        let held: Vec<_> = self.0.extract_if(.., held).collect();
        self.0.extend(held.into_iter().map(|waiting| Waiting {
            is_overtaken: false,
            due: now,
            ..waiting
        }));
    }
}
