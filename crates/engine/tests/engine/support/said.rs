//! What the hub has said and changed on a platform, as the platform saw it: what judges go by.

use causeway_model::{
    Clock, EventKey, ExternalAccount, ExternalMessage, Operation, RelayId, Speaker, Timestamp,
};

use super::platform::{ModelPlatform, Room, State};

/// A call that says or changes something, from when it began.
#[derive(Debug, Clone)]
pub struct Saying {
    pub begun_at: Timestamp,
    pub room: Room,
    pub relay_id: RelayId,
    pub speaker: Speaker,
    /// Whether the hub knew, or had to find out first, that somebody else reads along there.
    pub strangers_known: bool,
}

/// Such a call as it took effect.
#[derive(Debug, Clone)]
pub struct Said {
    pub saying: Saying,
    pub operation: Operation,
    pub message: ExternalMessage,
    pub members: Vec<ExternalAccount>,
    /// Whose name stands over it, where the app says it for somebody.
    pub shown_as: Option<String>,
    pub text: String,
}

/// Somebody who was let into a conversation of others.
#[derive(Debug, Clone)]
pub struct Stranger {
    pub account: ExternalAccount,
    pub came_at: Timestamp,
    /// Of the event that tells of it.
    pub key: EventKey,
}

impl ModelPlatform {
    pub fn note_said(&self, saying: Saying, operation: Operation, message: &ExternalMessage) {
        let at = self.clock.now();
        let mut state = self.state();
        let Some(room) = state.rooms.get(&saying.room) else {
            return;
        };
        let Some(found) = room.messages.iter().find(|found| found.id == *message) else {
            return;
        };
        let said = Said {
            operation,
            message: message.clone(),
            members: room.members.clone(),
            shown_as: found.shown_as.clone(),
            text: found.content.to_plain(),
            saying,
        };
        let line = format!(
            "{} {} {operation:?} {message} in {} as {:?}: {}",
            at.0, self.app, said.saying.room, said.saying.speaker, said.text
        );
        state.trace.push(line);
        state.said.push(said);
    }
}

impl State {
    /// Whether the hub was told of somebody who should not read along, or they came while it did
    /// not hear, so that it has to look before it says anything.
    pub fn knows_strangers(&self, room: &Room) -> bool {
        let strangers = self.rooms.get(room).map(|room| &room.strangers);
        let present = |stranger: &&Stranger| {
            self.rooms[room].members.contains(&stranger.account)
                && (self.acknowledged.contains(&stranger.key)
                    || stranger.came_at < self.life_began_at)
        };
        strangers
            .into_iter()
            .flatten()
            .any(|stranger| present(&stranger))
    }
}
