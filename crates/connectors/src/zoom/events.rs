//! What sockets and webhooks tell, as what happened.
//!
//! Source: <https://developers.zoom.us/docs/api/team-chat/events/>.

use aws_lc_rs::digest::{SHA256, digest};
use causeway_model::{
    Author, EventKey, ExternalAccount, ExternalMessage, Failure, FailureKind, Happening, Incoming,
    Timestamp,
};
use data_encoding::HEXLOWER;
use serde::Deserialize;

use super::{
    api::Api,
    dialect,
    edits::Edits,
    lists::target,
    place::Place,
    said::{Edited, Said, author},
    wire::{Changed, Event, Member, Message, Payload, Spoken},
};

/// What a message event says of its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Posted,
    Updated,
    Deleted,
}

/// What a channel event says of its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Message(What),
    Members(Way),
}

/// What happened, where the event tells of something that may matter: of what is said between two
/// people only what one of `hearing` is in.
pub(super) async fn happening(
    api: &Api,
    edits: &Edits,
    event: &Event,
    hearing: &[ExternalAccount],
) -> Result<Option<Incoming>, Failure> {
    let Some(about) = about(&event.event) else {
        return Ok(None);
    };
    let Ok(payload) = Payload::deserialize(&event.payload) else {
        tracing::warn!("an event of unknown shape was left out");
        return Ok(None);
    };
    if !payload.account_id.is_empty() && payload.account_id != api.settings().account_id {
        tracing::warn!("an event of another account was left out");
        return Ok(None);
    }
    let told = Told {
        api,
        edits,
        event,
        payload: &payload,
    };
    match about {
        About::Message(what) => told.message(what, hearing).await,
        About::Members(way) => told.members(way).await,
    }
}

fn about(event: &str) -> Option<About> {
    use About::{Members, Message};
    Some(match event {
        "team_chat.channel_message_posted" | "team_chat.dm_message_posted" => Message(What::Posted),
        "team_chat.channel_message_updated" | "team_chat.dm_message_updated" => {
            Message(What::Updated)
        }
        "team_chat.channel_message_deleted" | "team_chat.dm_message_deleted" => {
            Message(What::Deleted)
        }
        // Whoever is invited reads along from then on.
        "chat_channel.member_joined" | "chat_channel.member_invited" => Members(Way::In),
        "chat_channel.member_left" | "chat_channel.member_removed" => Members(Way::Out),
        _ => return None,
    })
}

struct Told<'a> {
    api: &'a Api,
    edits: &'a Edits,
    event: &'a Event,
    payload: &'a Payload,
}

impl Told<'_> {
    async fn message(
        &self,
        what: What,
        hearing: &[ExternalAccount],
    ) -> Result<Option<Incoming>, Failure> {
        let Ok(mut spoken) = Spoken::deserialize(&self.payload.object) else {
            tracing::warn!("a message event of unknown shape was left out");
            return Ok(None);
        };
        if !self.concerns(&spoken, hearing) {
            return Ok(None);
        }
        let Some(said) = self.said(&spoken).await? else {
            return Ok(None);
        };
        let posted_at = spoken.timestamp.map(Timestamp);
        let told_at = self.event.event_ts.map(Timestamp);
        let Some(at) = told_at.or(posted_at) else {
            return Ok(None);
        };
        if what == What::Deleted {
            return Ok(Some(said.deleted(at)));
        }
        if spoken.body.is_left_out() && !self.fetch(&said, &mut spoken).await? {
            return Ok(None);
        }
        self.api.name_mentioned(&mut spoken.body.at_items).await?;
        let content = dialect::read(&spoken.body);
        Ok(match what {
            What::Posted | What::Deleted => {
                Some(said.posted(posted_at.unwrap_or(at), content, None))
            }
            What::Updated => {
                let name = self.edits.name(&said.message, &spoken.body, at);
                said.edited(&Edited { name, at }, content)
            }
        })
    }

    /// Whether one of those who are heard is in it, as far as the event tells.
    fn concerns(&self, spoken: &Spoken, hearing: &[ExternalAccount]) -> bool {
        let named = [&self.payload.operator_id, &spoken.contact_id];
        !spoken.channel_id.is_empty()
            || hearing
                .iter()
                .any(|account| named.iter().any(|name| account.as_str() == name.as_str()))
    }

    async fn said(&self, spoken: &Spoken) -> Result<Option<Said>, Failure> {
        let Some(author) = self.author().await? else {
            return Ok(None);
        };
        let place = if spoken.channel_id.is_empty() {
            let contact = self
                .api
                .whoever(&spoken.contact_id, &spoken.contact_email)
                .await?;
            match contact {
                Some(contact) if contact != author.account => {
                    Place::between(author.account.clone(), contact)
                }
                // What people note to themselves goes to nobody.
                Some(_) | None => return Ok(None),
            }
        } else {
            Place::Channel(spoken.channel_id.clone())
        };
        Ok(Some(Said {
            kind: place.kind(&self.api.own().await?.account),
            place,
            message: ExternalMessage::new(spoken.message_id.as_str()),
            author,
            hearer: None,
        }))
    }

    /// A member goes by id, and whoever is of another account by address.
    async fn author(&self) -> Result<Option<Author>, Failure> {
        let own = self.api.own_accounts().await?;
        let (id, address) = (&self.payload.operator_id, &self.payload.operator);
        let robot = own.iter().find(|own| own.as_str() == address);
        let member = !id.is_empty() && !self.payload.by_external_user;
        let account = match (robot, member) {
            (Some(robot), _) => Some(robot.clone()),
            (None, true) => Some(ExternalAccount::new(id.as_str())),
            (None, false) => self.api.whoever(id, address).await?,
        };
        Ok(account.map(|account| author(account, &own)))
    }

    /// Reads what the event leaves out. False where there is nothing any more.
    async fn fetch(&self, said: &Said, spoken: &mut Spoken) -> Result<bool, Failure> {
        let own = self.api.own().await?.account.clone();
        let wanted = match said.author.account.as_str().contains('@') {
            true => own,
            false => said.author.account.clone(),
        };
        let viewer = said.place.viewer(wanted)?;
        let (name, value) = target(self.api, &said.place, &viewer).await?;
        let (path, query) = (
            ["messages", said.message.as_str()],
            [(name, value.as_str())],
        );
        let doing = "chat.messages.get";
        let message: Result<Message, Failure> =
            self.api.get_of(&viewer, &path, &query, doing).await;
        match message {
            Ok(message) => {
                spoken.body = message.body;
                Ok(true)
            }
            Err(failure) if failure.kind == FailureKind::Gone => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn members(&self, way: Way) -> Result<Option<Incoming>, Failure> {
        let Ok(changed) = Changed::deserialize(&self.payload.object) else {
            tracing::warn!("a channel event of unknown shape was left out");
            return Ok(None);
        };
        let at = self.event.event_ts.or(changed.timestamp).map(Timestamp);
        let (Some(at), Some(author)) = (at, self.author().await?) else {
            return Ok(None);
        };
        let mut accounts = self.accounts(&changed.members).await?;
        if accounts.is_empty() {
            // Whoever joins or leaves by themselves is the one who did it.
            accounts.push(author.account.clone());
        }
        let who = print(&accounts);
        let (letter, happened) = match way {
            Way::In => ("j", Happening::Joined { accounts }),
            Way::Out => ("l", Happening::Left { accounts }),
        };
        let place = Place::Channel(changed.id);
        Ok(Some(Incoming {
            key: EventKey(format!("{letter}:{}:{}:{who}", place.id(), at.0)),
            contains: Vec::new(),
            changed_at: None,
            conversation: place.id(),
            conversation_kind: None,
            heard_by: None,
            author,
            at,
            happened,
        }))
    }

    async fn accounts(&self, members: &[Member]) -> Result<Vec<ExternalAccount>, Failure> {
        let mut accounts = Vec::new();
        for member in members {
            accounts.extend(self.api.member(member).await?);
        }
        Ok(accounts)
    }
}

/// Tells those who came or left from others who did at the same millisecond: without it the second
/// of two such events would pass for the first told again. It does not say who they are, since keys
/// are logged and outsiders go by address.
fn print(accounts: &[ExternalAccount]) -> String {
    let mut names: Vec<&str> = accounts.iter().map(ExternalAccount::as_str).collect();
    names.sort_unstable();
    let all = names.join("\n");
    HEXLOWER.encode(&digest(&SHA256, all.as_bytes()).as_ref()[..8])
}
