//! Conversations: what they are, who is in them, and how they are made.

use causeway_model::{
    ConversationFacts, ConversationKind, ExternalAccount, ExternalConversation, Failure,
    FailureKind, LegKind, OpenConversation, Speaker,
};

use super::{
    api::{
        Api, CONVERSATIONS_CREATE, CONVERSATIONS_INFO, CONVERSATIONS_INVITE, CONVERSATIONS_MEMBERS,
        CONVERSATIONS_OPEN, CONVERSATIONS_SET_TOPIC, USERS_CONVERSATIONS,
    },
    own::Own,
    owner,
    wire::{self, Channel, ChannelAnswer, ChannelsPage, MembersPage},
};
use crate::vault::TokenOwner;

const PAGE: usize = 200;

/// How many conversations are looked through after a gap.
const MOST_CONVERSATIONS: usize = 400;

/// A channel's name has at most 80 characters.
/// Source: <https://docs.slack.dev/reference/methods/conversations.create#naming>.
const LONGEST_SLUG: usize = 60;

/// How much of the relay id tells channels of one name apart.
const ID_LETTERS: usize = 12;

pub(super) async fn facts(
    api: &Api,
    own: &Own,
    id: &ExternalConversation,
    speaker: &Speaker,
) -> Result<ConversationFacts, Failure> {
    let fields = [("channel", id.as_str().to_owned())];
    let asked = api
        .call::<ChannelAnswer>(CONVERSATIONS_INFO, &owner(speaker), &fields)
        .await;
    let answer = match asked {
        // People who authorised the app before it asked for `im:read` can still open what is open
        // already: that tells the other member, and changes nothing.
        Err(failure) if failure.code == "missing_scope" => reopened(api, id, speaker).await?,
        other => other?,
    };
    facts_of(api, own, answer.channel, speaker).await
}

async fn reopened(
    api: &Api,
    id: &ExternalConversation,
    speaker: &Speaker,
) -> Result<ChannelAnswer, Failure> {
    let fields = [
        ("channel", id.as_str().to_owned()),
        ("return_im", "true".to_owned()),
    ];
    api.call(CONVERSATIONS_OPEN, &owner(speaker), &fields).await
}

/// The direct and group messages that `speaker` is in, newest first.
pub(super) async fn few_membered(
    api: &Api,
    own: &Own,
    speaker: &Speaker,
) -> Result<Vec<ConversationFacts>, Failure> {
    let mut channels = listed(api, &owner(speaker), "im,mpim", MOST_CONVERSATIONS).await?;
    channels.sort_by_key(|channel| {
        std::cmp::Reverse(
            channel
                .updated
                .unwrap_or(channel.created.saturating_mul(1_000)),
        )
    });
    let mut all = Vec::with_capacity(channels.len());
    for channel in channels {
        all.push(facts_of(api, own, channel, speaker).await?);
    }
    Ok(all)
}

pub(super) async fn open(
    api: &Api,
    wanted: &OpenConversation,
) -> Result<ExternalConversation, Failure> {
    match wanted.kind {
        LegKind::Native => {
            let as_stand_in = match &wanted.speaker {
                Speaker::Account(account) => TokenOwner::Account(account.clone()),
                Speaker::App => TokenOwner::Account(stand_in(wanted)?.clone()),
            };
            open_direct(api, &as_stand_in, wanted.person.as_str().to_owned()).await
        }
        LegKind::Group => {
            let both = format!("{},{}", wanted.person, stand_in(wanted)?);
            open_direct(api, &TokenOwner::App, both).await
        }
        LegKind::Private => open_private(api, wanted).await,
        LegKind::App => open_direct(api, &TokenOwner::App, wanted.person.as_str().to_owned()).await,
    }
}

/// Looks for what an [`open`] of unknown outcome may have made. Direct and group messages are the
/// same for the same people whenever they are opened, so opening them finds them.
pub(super) async fn find_opened(
    api: &Api,
    wanted: &OpenConversation,
) -> Result<Option<ExternalConversation>, Failure> {
    match wanted.kind {
        LegKind::Native | LegKind::Group | LegKind::App => open(api, wanted).await.map(Some),
        LegKind::Private => match find_private(api, wanted).await? {
            Some(id) => {
                furnish(api, wanted, &id).await?;
                Ok(Some(ExternalConversation::new(id)))
            }
            None => Ok(None),
        },
    }
}

fn stand_in(wanted: &OpenConversation) -> Result<&ExternalAccount, Failure> {
    let missing = || {
        Failure::new(
            FailureKind::Rejected,
            "no_stand_in",
            CONVERSATIONS_OPEN.name,
        )
    };
    wanted.stand_in.as_ref().ok_or_else(missing)
}

async fn open_direct(
    api: &Api,
    owner: &TokenOwner,
    users: String,
) -> Result<ExternalConversation, Failure> {
    let fields = [("users", users), ("return_im", "true".to_owned())];
    let answer: ChannelAnswer = api.call(CONVERSATIONS_OPEN, owner, &fields).await?;
    Ok(ExternalConversation::new(answer.channel.id))
}

async fn open_private(
    api: &Api,
    wanted: &OpenConversation,
) -> Result<ExternalConversation, Failure> {
    let fields = [
        ("name", channel_name(wanted)),
        ("is_private", "true".to_owned()),
    ];
    let created = api
        .call::<ChannelAnswer>(CONVERSATIONS_CREATE, &TokenOwner::App, &fields)
        .await;
    let id = match created {
        Ok(answer) => answer.channel.id,
        // Only an earlier attempt of ours can have made a channel with this relay id in its name.
        Err(failure) if failure.code == "name_taken" => {
            find_private(api, wanted).await?.ok_or(failure)?
        }
        Err(failure) => return Err(failure),
    };
    furnish(api, wanted, &id).await?;
    Ok(ExternalConversation::new(id))
}

/// Invites the person and says what the channel is for; both may have been done before.
async fn furnish(api: &Api, wanted: &OpenConversation, channel: &str) -> Result<(), Failure> {
    let fields = [
        ("channel", channel.to_owned()),
        ("users", wanted.person.as_str().to_owned()),
    ];
    let invited = api
        .call::<serde_json::Value>(CONVERSATIONS_INVITE, &TokenOwner::App, &fields)
        .await;
    match invited {
        Ok(_) => {}
        Err(failure) if failure.code == "already_in_channel" => return Ok(()),
        Err(failure) => return Err(failure),
    }
    let topic = super::dialect::escape(&wanted.stand_in_name);
    let fields = [("channel", channel.to_owned()), ("topic", topic)];
    let set = api
        .call::<serde_json::Value>(CONVERSATIONS_SET_TOPIC, &TokenOwner::App, &fields)
        .await;
    // A channel without a topic is as good a leg; one that is opened again for it is not.
    if let Err(failure) = set {
        tracing::warn!(slack.code = %failure.code, "a private channel has no topic");
    }
    Ok(())
}

async fn find_private(api: &Api, wanted: &OpenConversation) -> Result<Option<String>, Failure> {
    let name = channel_name(wanted);
    let ours = listed(api, &TokenOwner::App, "private_channel", usize::MAX).await?;
    let mut named = ours
        .into_iter()
        .filter(|channel| channel.name.as_ref() == Some(&name));
    Ok(named
        .find(|channel| !channel.is_archived)
        .map(|channel| channel.id))
}

/// The stand-in's name as a channel may be called, and part of the relay id.
fn channel_name(wanted: &OpenConversation) -> String {
    let mut slug = String::new();
    for character in wanted.stand_in_name.to_lowercase().chars() {
        if slug.len() >= LONGEST_SLUG {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "person" } else { slug };
    let id = wanted.relay_id.as_str();
    format!("{slug}-{}", id.get(..ID_LETTERS).unwrap_or(id))
}

async fn listed(
    api: &Api,
    owner: &TokenOwner,
    types: &str,
    most: usize,
) -> Result<Vec<Channel>, Failure> {
    let mut channels = Vec::new();
    let mut cursor = None;
    loop {
        let mut fields = vec![
            ("types", types.to_owned()),
            ("exclude_archived", "true".to_owned()),
            ("limit", PAGE.to_string()),
        ];
        fields.extend(cursor.map(|cursor| ("cursor", cursor)));
        let page: ChannelsPage = api.call(USERS_CONVERSATIONS, owner, &fields).await?;
        channels.extend(page.channels);
        cursor = wire::next_page(page.response_metadata);
        if cursor.is_none() || channels.len() >= most {
            return Ok(channels);
        }
    }
}

async fn facts_of(
    api: &Api,
    own: &Own,
    channel: Channel,
    speaker: &Speaker,
) -> Result<ConversationFacts, Failure> {
    let members = match direct_members(&channel, own, speaker) {
        Some(members) => members,
        None => members(api, &channel.id, &owner(speaker)).await?,
    };
    Ok(ConversationFacts {
        kind: kind(&channel, own, speaker),
        id: ExternalConversation::new(channel.id),
        members,
    })
}

fn kind(channel: &Channel, own: &Own, speaker: &Speaker) -> ConversationKind {
    let with_app = *speaker == Speaker::App || channel.user.as_deref() == Some(&own.bot_user);
    match (channel.is_im, channel.is_mpim) {
        (true, _) if with_app => ConversationKind::WithApp,
        (true, _) => ConversationKind::Direct,
        (false, true) => ConversationKind::Group,
        (false, false) => ConversationKind::Channel,
    }
}

/// A direct message names its other member itself.
fn direct_members(channel: &Channel, own: &Own, speaker: &Speaker) -> Option<Vec<ExternalAccount>> {
    let other = channel.user.as_ref().filter(|_| channel.is_im)?;
    let me = match speaker {
        Speaker::App => own.bot_user.clone(),
        Speaker::Account(account) => account.as_str().to_owned(),
    };
    let mut members = vec![ExternalAccount::new(other)];
    // Everyone has a direct message with themselves.
    if *other != me {
        members.push(ExternalAccount::new(me));
    }
    Some(members)
}

async fn members(
    api: &Api,
    channel: &str,
    owner: &TokenOwner,
) -> Result<Vec<ExternalAccount>, Failure> {
    let mut members = Vec::new();
    let mut cursor = None;
    loop {
        let mut fields = vec![("channel", channel.to_owned()), ("limit", PAGE.to_string())];
        fields.extend(cursor.map(|cursor| ("cursor", cursor)));
        let page: MembersPage = api.call(CONVERSATIONS_MEMBERS, owner, &fields).await?;
        members.extend(page.members.into_iter().map(ExternalAccount::new));
        cursor = wire::next_page(page.response_metadata);
        if cursor.is_none() {
            return Ok(members);
        }
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::RelayId;

    use super::*;

    fn named(name: &str) -> String {
        channel_name(&OpenConversation {
            kind: LegKind::Private,
            person: ExternalAccount::new("U1"),
            stand_in: None,
            stand_in_name: name.to_owned(),
            speaker: Speaker::App,
            relay_id: RelayId::from_bits(0xabc),
        })
    }

    #[test]
    fn a_channel_is_named_after_the_stand_in_as_slack_allows() {
        assert_eq!(
            named("Bob O'Brien (Teams)"),
            "bob-o-brien-teams-000000000000"
        );
        assert_eq!(named("李雷"), "person-000000000000");
        assert!(named(&"x".repeat(200)).len() <= 80);
    }
}
