//! Where a call's message stands: `to_contact` or `to_channel`.

use super::{
    conversation::{ChannelType, Conversation},
    error::ZoomError,
    ids::{ConversationId, MessageId, UserId},
    message::Message,
    server::Call,
    state::State,
};

/// A conversation as the API names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// With this person; there may be no message yet.
    Contact(UserId),
    Channel(ConversationId),
}

impl Place {
    /// The one that the body names.
    pub fn in_body(state: &State, me: &UserId, call: &Call) -> Result<Self, ZoomError> {
        let fields = call.fields();
        let (contact, channel) = (fields.text("to_contact")?, fields.text("to_channel")?);
        Self::named(state, me, contact, channel)
    }

    /// The one that the query names.
    pub fn in_query(state: &State, me: &UserId, call: &Call) -> Result<Self, ZoomError> {
        let query = &call.query;
        Self::named(
            state,
            me,
            query.text("to_contact"),
            query.text("to_channel"),
        )
    }

    fn named(
        state: &State,
        me: &UserId,
        contact: Option<&str>,
        channel: Option<&str>,
    ) -> Result<Self, ZoomError> {
        let given = |text: &&str| !text.is_empty();
        match (contact.filter(given), channel.filter(given)) {
            (Some(contact), None) => {
                let user = state.directory.contact(contact);
                user.map(|user| Self::Contact(user.id.clone()))
                    .ok_or_else(|| {
                        ZoomError::chat("The contact is not in your contacts, or does not exist.")
                    })
            }
            (None, Some(id)) => Ok(Self::Channel(entered(state, me, id)?.id.clone())),
            (Some(_), Some(_)) | (None, None) => Err(ZoomError::field(
                "to_contact",
                "Give either to_contact or to_channel.",
            )),
        }
    }

    /// The conversation, where there is one yet.
    pub fn conversation<'a>(&self, state: &'a State, me: &UserId) -> Option<&'a Conversation> {
        match self {
            Self::Contact(other) => state.direct(me, other),
            Self::Channel(id) => state.conversation(id),
        }
    }

    /// The same, made where there is none.
    pub fn open(&self, state: &mut State, me: &UserId) -> ConversationId {
        match self {
            Self::Contact(other) => state.open_direct(me, other),
            Self::Channel(id) => id.clone(),
        }
    }

    /// A message that stands there before somebody, deleted ones too.
    pub fn message<'a>(
        &self,
        state: &'a State,
        me: &UserId,
        id: &str,
    ) -> Result<(&'a Conversation, &'a Message), ZoomError> {
        let place = self.conversation(state, me);
        let found = place.and_then(|place| Some((place, place.message(&MessageId::from(id))?)));
        found
            .filter(|(_, message)| message.is_seen_by(me))
            .ok_or_else(|| ZoomError::no_message(id))
    }
}

/// A channel of which somebody is a member.
///
/// One that is closed to them does not exist, as far as they are told.
pub fn entered<'a>(state: &'a State, me: &UserId, id: &str) -> Result<&'a Conversation, ZoomError> {
    let channel = state.channel(id).ok_or_else(|| ZoomError::no_channel(id))?;
    if channel.has(me) {
        return Ok(channel);
    }
    match channel.channel_type() {
        Some(ChannelType::Public) => Err(ZoomError::forbidden("You are not in this channel.")),
        Some(ChannelType::Private | ChannelType::PrivateToAccount | ChannelType::Group) | None => {
            Err(ZoomError::no_channel(id))
        }
    }
}
