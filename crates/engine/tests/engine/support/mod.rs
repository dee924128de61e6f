//! A world to try the engine in: model platforms in memory, the real store in a folder of its own,
//! time that passes only when nothing is left to do, and seeded chance.

mod connector;
mod house;
mod platform;
mod request;
mod said;
mod signing_in;
mod state;
mod tally;
mod time;

pub use house::{
    House, Life, Pair, SLACK, Setup, TEAMS, authorise, listed, owner, pair_up, put_token,
};
pub use platform::{Call, Chaos, CodeUse, Conversation, Fate, Message, ModelPlatform, Room};
pub use said::Said;
pub use tally::{Count, Tally};
pub use time::Seeded;
