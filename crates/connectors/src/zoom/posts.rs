//! Posting, editing, deleting, and reading a conversation back.
//!
//! Members write by the account's app, which Zoom lets act as any of them, or by their own token where
//! they are asked for one; the app itself writes by its chatbot in channels, where there is one, and as the service user elsewhere.
//!
//! Sources: <https://developers.zoom.us/docs/api/team-chat/#tag/chat-messages>,
//! <https://developers.zoom.us/docs/api/chatbot/>.

use causeway_model::{
    Content, ExternalConversation, ExternalMessage, Failure, FailureKind, Incoming, Speaker,
    Timestamp,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    acting::Acting,
    api::Api,
    conversations::Conversations,
    dialect,
    edits::Edits,
    lists::{self, Wanted, target},
    place::Place,
    refusal::{Effect, read},
    settings::Chatbot,
    wire::moment,
};
use crate::{Edit, Post, Posted, ShownAs, TokenOwner};

/// What writes.
enum Voice<'a> {
    /// A member, as whom the account's app or their own token acts.
    Member {
        acting: Acting,
        target: (&'static str, String),
    },
    Chatbot {
        bot: &'a Chatbot,
        channel: String,
    },
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

#[derive(Deserialize)]
struct MadeByChatbot {
    message_id: String,
    sent_time: Option<String>,
}

pub(super) fn shown(content: &Content, shown_as: Option<&ShownAs>) -> Content {
    match shown_as {
        Some(shown_as) => dialect::led_by_name(content.clone(), &shown_as.name),
        None => content.clone(),
    }
}

pub(super) async fn post(
    api: &Api,
    conversations: &Conversations,
    post: &Post<'_>,
) -> Result<Posted, Failure> {
    let content = shown(post.content, post.shown_as);
    match voice(api, post.conversation, post.speaker).await? {
        Voice::Member { acting, target } => post_as(api, &acting, target, &content).await,
        Voice::Chatbot { bot, channel } => {
            let jid = conversations.jid(&channel).await?;
            post_by_chatbot(api, bot, &jid, &content).await
        }
    }
}

pub(super) async fn edit(api: &Api, edit: &Edit<'_>) -> Result<(), Failure> {
    let content = shown(edit.content, edit.shown_as);
    let message = edit.message.as_str();
    match voice(api, edit.conversation, edit.speaker).await? {
        Voice::Member { acting, target } => {
            let (name, value) = target;
            let body = json!({ "message": dialect::spelled(&content), name: value });
            let path = ["chat", "users", acting.name(), "messages", message];
            let url = api.settings().api(&path, &[]);
            let doing = "chat.messages.update";
            let done = api.write_by(&acting.owner, Method::PUT, url, Some(&body), doing);
            done.await.map(drop)
        }
        Voice::Chatbot { bot, .. } => {
            // Where it stands is not to be changed.
            let body = chatbots(api, bot, None, &content).await?;
            let url = api
                .settings()
                .api(&["im", "chat", "messages", message], &[]);
            let doing = "im.messages.update";
            let done = api.write_by(&TokenOwner::App, Method::PUT, url, Some(&body), doing);
            done.await.map(drop)
        }
    }
}

pub(super) async fn delete(
    api: &Api,
    conversation: &ExternalConversation,
    message: &ExternalMessage,
    speaker: &Speaker,
) -> Result<(), Failure> {
    let message = message.as_str();
    let deleted = match voice(api, conversation, speaker).await? {
        Voice::Member { acting, target } => {
            let (name, value) = target;
            let path = ["chat", "users", acting.name(), "messages", message];
            let url = api.settings().api(&path, &[(name, &value)]);
            let doing = "chat.messages.delete";
            api.write_by(&acting.owner, Method::DELETE, url, None, doing)
                .await
        }
        Voice::Chatbot { bot, .. } => {
            let behind = api.own().await?.jid.as_deref();
            let query: Vec<_> = [
                ("robot_jid", bot.robot_jid.as_str()),
                ("account_id", api.settings().account_id.as_str()),
            ]
            .into_iter()
            .chain(behind.map(|jid| ("user_jid", jid)))
            .collect();
            let path = ["im", "chat", "messages", message];
            let url = api.settings().api(&path, &query);
            let doing = "im.messages.delete";
            api.write_by(&TokenOwner::App, Method::DELETE, url, None, doing)
                .await
        }
    };
    match deleted {
        Ok(_) => Ok(()),
        Err(failure) if failure.kind == FailureKind::Gone => Ok(()),
        Err(failure) => Err(failure),
    }
}

pub(super) async fn history(
    api: &Api,
    edits: &Edits,
    conversation: &ExternalConversation,
    speaker: &Speaker,
    since: Timestamp,
) -> Result<Vec<Incoming>, Failure> {
    let place = Place::of(conversation);
    let viewer = place.viewer(api.acting(speaker).await?.account)?;
    let wanted = Wanted {
        place: &place,
        viewer: &viewer,
        since,
        posts_since: since,
    };
    lists::happenings(api, edits, &wanted).await
}

/// The chatbot and the channel, where it is the one to speak.
pub(super) fn chatbot<'a>(
    api: &'a Api,
    conversation: &ExternalConversation,
    speaker: &Speaker,
) -> Option<(&'a Chatbot, String)> {
    let bot = api.settings().chatbot.as_ref()?;
    match (speaker, Place::of(conversation)) {
        (Speaker::App, Place::Channel(channel)) => Some((bot, channel)),
        (Speaker::App, Place::Direct(..)) | (Speaker::Account(_), _) => None,
    }
}

async fn voice<'a>(
    api: &'a Api,
    conversation: &ExternalConversation,
    speaker: &Speaker,
) -> Result<Voice<'a>, Failure> {
    if let Some((bot, channel)) = chatbot(api, conversation, speaker) {
        return Ok(Voice::Chatbot { bot, channel });
    }
    let place = Place::of(conversation);
    let acting = api.acting(speaker).await?;
    let target = target(api, &place, &acting.account).await?;
    Ok(Voice::Member { acting, target })
}

async fn post_as(
    api: &Api,
    acting: &Acting,
    (name, value): (&'static str, String),
    content: &Content,
) -> Result<Posted, Failure> {
    let written = dialect::write(content);
    let mut body = Map::new();
    body.insert("message".to_owned(), written.message.into());
    body.insert(name.to_owned(), value.into());
    if !written.rich_text.is_empty() {
        body.insert("rich_text".to_owned(), json!(written.rich_text));
    }
    if !written.at_items.is_empty() {
        body.insert("at_items".to_owned(), json!(written.at_items));
    }
    let path = ["chat", "users", acting.name(), "messages"];
    let url = api.settings().api(&path, &[]);
    let doing = "chat.messages.create";
    let body = Value::Object(body);
    let owner = &acting.owner;
    let answer = api
        .write_by(owner, Method::POST, url, Some(&body), doing)
        .await?;
    let made: Made = read(&answer.body, Effect::Write, doing)?;
    Ok(Posted {
        message: ExternalMessage::new(made.id),
        // The answer says only what was made, and its head when.
        at: answer.server_time.unwrap_or_else(|| api.time_there()),
    })
}

async fn post_by_chatbot(
    api: &Api,
    bot: &Chatbot,
    jid: &str,
    content: &Content,
) -> Result<Posted, Failure> {
    let body = chatbots(api, bot, Some(jid), content).await?;
    let url = api.settings().api(&["im", "chat", "messages"], &[]);
    let doing = "im.messages.create";
    let owner = &TokenOwner::App;
    let answer = api
        .write_by(owner, Method::POST, url, Some(&body), doing)
        .await?;
    let made: MadeByChatbot = read(&answer.body, Effect::Write, doing)?;
    let told = made.sent_time.as_deref().and_then(moment);
    let at = told.or(answer.server_time);
    Ok(Posted {
        message: ExternalMessage::new(made.message_id),
        at: at.unwrap_or_else(|| api.time_there()),
    })
}

/// The member who speaks for the hub stands behind what the chatbot says: Zoom wants one for some
/// kinds of app.
async fn chatbots(
    api: &Api,
    bot: &Chatbot,
    to_jid: Option<&str>,
    content: &Content,
) -> Result<Value, Failure> {
    let mut body = json!({
        "robot_jid": bot.robot_jid,
        "account_id": api.settings().account_id,
        "is_markdown_support": true,
        "content": {
            "body": [{ "type": "message", "text": dialect::markdown(content) }],
        },
    });
    if let Some(jid) = to_jid {
        body["to_jid"] = json!(jid);
    }
    if let Some(jid) = &api.own().await?.jid {
        body["user_jid"] = json!(jid);
    }
    Ok(body)
}
