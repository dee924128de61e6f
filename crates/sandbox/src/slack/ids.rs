//! The ids, tokens and times of a workspace, shaped as the real ones are. All but times follow
//! from the seed, so that two runs with one seed name everything alike.

use std::fmt;

use aws_lc_rs::digest;
use serde::{Serialize, Serializer};

use crate::clock::Millis;

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

opaque_id!(
    /// `U0…`, or `USLACKBOT`.
    UserId
);
opaque_id!(
    /// `C0…` (channels and group DMs) or `D0…`.
    ConversationId
);

/// A message's time and, within this workspace, its name: microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(i64);

impl Ts {
    /// A time that is not before `now` and after `last`: no two messages share one.
    pub fn after(last: Self, now: Millis) -> Self {
        Self((now * 1000).max(last.0 + 1))
    }

    pub const EARLIEST: Self = Self(0);

    /// The exact form that names a message: seconds, a point, six digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (seconds, micros) = text.split_once('.')?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if micros.len() != 6 || !digits(micros) || !digits(seconds) {
            return None;
        }
        let seconds: i64 = seconds.parse().ok()?;
        Some(Self(
            seconds
                .checked_mul(1_000_000)?
                .checked_add(micros.parse().ok()?)?,
        ))
    }

    /// A bound of a range: also whole seconds, or fewer digits.
    pub fn bound(text: &str) -> Option<Self> {
        let (seconds, micros) = text.split_once('.').unwrap_or((text, "0"));
        let micros = micros.get(..micros.len().min(6))?;
        Self::parse(&format!("{seconds}.{micros:0<6}"))
    }

    pub fn millis(self) -> Millis {
        self.0 / 1000
    }
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl Serialize for Ts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Makes names out of the seed.
#[derive(Debug, Clone, Copy)]
pub struct Seed(pub u64);

impl Seed {
    pub fn user(self, label: &str) -> UserId {
        UserId(self.id('U', label))
    }

    pub fn conversation(self, direct: bool, label: &str) -> ConversationId {
        ConversationId(self.id(if direct { 'D' } else { 'C' }, label))
    }

    /// `T0…`, `A0…`, `B0…`: a letter, a zero and nine more.
    pub fn id(self, kind: char, label: &str) -> String {
        format!(
            "{kind}0{}",
            self.pick(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", label, 9)
        )
    }

    pub fn digits(self, label: &str, length: usize) -> String {
        self.pick(b"123456789", label, length)
    }

    pub fn hex(self, label: &str, length: usize) -> String {
        self.pick(b"0123456789abcdef", label, length)
    }

    pub fn letters(self, label: &str, length: usize) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        self.pick(alphabet, label, length)
    }

    /// A UUID of version 4's shape.
    pub fn uuid(self, label: &str) -> String {
        let hex = self.hex(label, 32);
        let part = |from: usize, to: usize| &hex[from..to];
        format!(
            "{}-{}-4{}-a{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }

    /// A number that looks drawn by chance, below `below`.
    pub fn draw(self, label: &str, below: usize) -> usize {
        let bytes = self.block(label, 0);
        let number = bytes
            .iter()
            .take(4)
            .fold(0_usize, |sum, byte| sum * 256 + usize::from(*byte));
        number % below.max(1)
    }

    fn pick(self, alphabet: &[u8], label: &str, length: usize) -> String {
        (0..length.div_ceil(32))
            .flat_map(|part| self.block(label, part))
            .take(length)
            .map(|byte| char::from(alphabet[usize::from(byte) % alphabet.len()]))
            .collect()
    }

    fn block(self, label: &str, part: usize) -> Vec<u8> {
        let text = format!("slack/{}/{part}/{label}", self.0);
        digest::digest(&digest::SHA256, text.as_bytes())
            .as_ref()
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_named_by_its_exact_time_only() {
        let ts = Ts::parse("1700000000.000120").expect("the exact form");
        assert_eq!(ts.to_string(), "1700000000.000120");
        assert_eq!(Ts::parse("1700000000.12"), None);
        assert_eq!(Ts::parse("1700000000"), None);
        assert_eq!(Ts::parse("-1.000000"), None);
        assert_eq!(Ts::bound("1700000000.00012"), Some(ts));
        assert_eq!(Ts::bound("nonsense"), None);
    }

    #[test]
    fn two_messages_of_one_moment_have_different_times() {
        let first = Ts::after(Ts::EARLIEST, 5);
        let second = Ts::after(first, 5);
        assert!(second > first);
        assert!(Ts::after(second, 6) > second);
    }

    #[test]
    fn one_seed_names_everything_alike() {
        assert_eq!(Seed(7).user("ann"), Seed(7).user("ann"));
        assert_ne!(Seed(7).user("ann"), Seed(8).user("ann"));
        assert_eq!(Seed(7).user("ann").as_str().len(), 11);
        assert_eq!(Seed(7).letters("x", 70).len(), 70);
    }
}
