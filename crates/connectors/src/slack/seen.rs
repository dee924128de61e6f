//! Requests that have had their effect: sent again as they are, they have no other.
//!
//! The inbox knows an event again by its key. This is for what has no row there (a revoked token,
//! a limit), and for a request that somebody has overheard and sends to another of our places.

use std::collections::{HashSet, VecDeque};

use causeway_model::Timestamp;

use crate::signed::{Signature, WINDOW_MS};

/// Three times what Slack sends a workspace's app within the window, at most.
const MOST: usize = 16_384;

#[derive(Default)]
pub(super) struct Seen {
    /// In the order in which they came.
    order: VecDeque<(Timestamp, Signature)>,
    signatures: HashSet<Signature>,
}

impl Seen {
    pub(super) fn has(&self, signature: &Signature) -> bool {
        self.signatures.contains(signature)
    }

    pub(super) fn remember(&mut self, signature: Signature, now: Timestamp) {
        // One that was made a window ahead of us is good for twice as long.
        while let Some((at, oldest)) = self.order.front()
            && (now.ms_since(*at) > 2 * WINDOW_MS || self.order.len() >= MOST)
        {
            self.signatures.remove(oldest);
            self.order.pop_front();
        }
        if self.signatures.insert(signature) {
            self.order.push_back((now, signature));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A signature that is no other's.
    fn signature(number: usize) -> Signature {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Signature(bytes)
    }

    #[test]
    fn a_request_is_known_as_long_as_its_signature_is_good() {
        let mut seen = Seen::default();
        seen.remember(signature(1), Timestamp(0));
        assert!(seen.has(&signature(1)) && !seen.has(&signature(2)));
        seen.remember(signature(2), Timestamp(2 * WINDOW_MS));
        assert!(seen.has(&signature(1)));
        seen.remember(signature(3), Timestamp(2 * WINDOW_MS + 1));
        assert!(!seen.has(&signature(1)) && seen.has(&signature(2)));
    }

    #[test]
    fn what_is_remembered_does_not_grow() {
        let mut seen = Seen::default();
        for number in 0..=MOST {
            seen.remember(signature(number), Timestamp(0));
        }
        assert_eq!((seen.order.len(), seen.signatures.len()), (MOST, MOST));
        assert!(!seen.has(&signature(0)) && seen.has(&signature(MOST)));
    }
}
