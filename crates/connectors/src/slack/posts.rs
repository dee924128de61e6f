//! Writing: posts, edits, deletions, answers.

use causeway_model::{
    Content, ExternalConversation, ExternalMessage, Failure, FailureKind, RelayId, Speaker,
};
use serde_json::{Value, json};
use url::Url;

use super::{
    api::{Api, DELETE, POST_MESSAGE, UPDATE},
    buttons,
    dialect::{self, Body},
    owner, stamp,
    wire::PostAnswer,
};
use crate::connector::{Edit, Post, Posted};

/// The type of the metadata in which the marker stands.
pub(super) const MARKER_TYPE: &str = "causeway_relay";

pub(super) async fn post(api: &Api, post: &Post<'_>) -> Result<Posted, Failure> {
    let mut fields = vec![("channel", post.conversation.as_str().to_owned())];
    let mut body = dialect::write(post.content);
    body.blocks.extend(buttons::block(post.buttons));
    fields.extend(body_fields(&body));
    fields.push(("metadata", marker(post.relay_id)));
    if *post.speaker == Speaker::App {
        fields.extend(app_fields(post));
    }
    let answer: PostAnswer = api
        .call(POST_MESSAGE, &owner(post.speaker), &fields)
        .await?;
    let at = stamp::millis(&answer.ts);
    let at = at.ok_or_else(|| {
        Failure::new(FailureKind::Unknown, "unexpected_answer", POST_MESSAGE.name)
    })?;
    Ok(Posted {
        message: ExternalMessage::new(answer.ts),
        at,
    })
}

pub(super) async fn edit(api: &Api, edit: &Edit<'_>) -> Result<(), Failure> {
    let mut fields = vec![
        ("channel", edit.conversation.as_str().to_owned()),
        ("ts", edit.message.as_str().to_owned()),
    ];
    fields.extend(body_fields(&dialect::write(edit.content)));
    fields.push(("metadata", marker(edit.relay_id)));
    api.call::<Value>(UPDATE, &owner(edit.speaker), &fields)
        .await?;
    Ok(())
}

pub(super) async fn delete(
    api: &Api,
    conversation: &ExternalConversation,
    message: &ExternalMessage,
    speaker: &Speaker,
) -> Result<(), Failure> {
    let fields = [
        ("channel", conversation.as_str().to_owned()),
        ("ts", message.as_str().to_owned()),
    ];
    match api.call::<Value>(DELETE, &owner(speaker), &fields).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.code == "message_not_found" => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Answers at a command's `response_url`, where only who asked sees it.
/// Source: <https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>.
pub(super) async fn answer(api: &Api, answer: &str, content: &Content) -> Result<(), Failure> {
    let url = Url::parse(answer)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"));
    let url = url
        .ok_or_else(|| Failure::new(FailureKind::Rejected, "bad_answer_address", "response_url"))?;
    let Body { blocks, text } = dialect::write(content);
    let mut body = json!({ "response_type": "ephemeral", "replace_original": false, "text": text });
    if !blocks.is_empty() {
        body["blocks"] = Value::Array(blocks);
    }
    api.post_to(url, &body).await
}

/// What a link to the message looks like: `https://acme.slack.com/archives/C1/p1700000000123456`.
pub(super) fn permalink(
    workspace: &Url,
    conversation: &ExternalConversation,
    message: &ExternalMessage,
) -> Option<String> {
    let place = format!(
        "archives/{conversation}/p{}",
        message.as_str().replace('.', "")
    );
    workspace.join(&place).ok().map(String::from)
}

fn body_fields(body: &Body) -> Vec<(&'static str, String)> {
    let mut fields = vec![("text", body.text.clone())];
    if !body.blocks.is_empty() {
        fields.push(("blocks", Value::from(body.blocks.clone()).to_string()));
    }
    fields
}

fn marker(relay_id: &RelayId) -> String {
    json!({ "event_type": MARKER_TYPE, "event_payload": { "rid": relay_id } }).to_string()
}

/// Only the app may post under another name, and its posts unfurl nothing: whoever wrote the
/// message has seen the preview already.
fn app_fields(post: &Post<'_>) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("unfurl_links", "false".to_owned()),
        ("unfurl_media", "false".to_owned()),
    ];
    if let Some(shown_as) = post.shown_as {
        fields.push(("username", shown_as.name.clone()));
        fields.extend(
            shown_as
                .photo
                .iter()
                .map(|photo| ("icon_url", photo.clone())),
        );
    }
    fields
}
