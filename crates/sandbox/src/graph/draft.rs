//! What a client sends as a message: read, checked and cleaned.

use serde_json::{Value, json};

use super::{
    chats::Content, directory::Directory, error::GraphError, html, shapes, tenant::Tenant,
};

/// The whole message with HTML, mentions and attachments may be about this many bytes.
const LARGEST: usize = 28 * 1024;

/// Reads `{"body":{"contentType","content"},"mentions","attachments",…}`.
///
/// Errors: 400 where something is missing or does not fit together, 413 above 28 KB.
pub fn read(tenant: &Tenant, directory: &Directory, draft: &Value) -> Result<Content, GraphError> {
    refuse_read_only(draft)?;
    let body = &draft["body"];
    let text = body["content"]
        .as_str()
        .ok_or_else(|| GraphError::bad_request("Missing body content."))?;
    let html = match body["contentType"]
        .as_str()
        .unwrap_or("text")
        .to_ascii_lowercase()
        .as_str()
    {
        "text" => false,
        "html" => true,
        other => {
            return Err(GraphError::bad_request(format!(
                "Invalid content type '{other}'."
            )));
        }
    };
    let text = if html {
        html::clean(text)
    } else {
        text.to_owned()
    };
    let attachments = list(draft, "attachments")?;
    let mentions = mentions(tenant, directory, &list(draft, "mentions")?, html, &text)?;
    check_attachments(&attachments, html, &text)?;
    let size =
        text.len() + json!(attachments).to_string().len() + json!(mentions).to_string().len();
    if size > LARGEST {
        return Err(GraphError::new(
            413,
            "RequestEntityTooLarge",
            "Request Entity too large",
        ));
    }
    if attachments.is_empty() && is_blank(html, &text) {
        return Err(GraphError::bad_request(
            "Message body content cannot be empty.",
        ));
    }
    Ok(Content {
        html,
        text,
        attachments,
        mentions,
        subject: draft["subject"].as_str().map(str::to_owned),
        importance: draft["importance"].as_str().map(str::to_owned),
    })
}

/// What a person types in their own app: HTML when it starts with `<`, else plain text.
pub fn typed(text: &str) -> Content {
    let html = text.trim_start().starts_with('<');
    let text = if html {
        html::clean(text)
    } else {
        text.to_owned()
    };
    Content {
        html,
        text,
        ..Content::default()
    }
}

fn is_blank(html: bool, text: &str) -> bool {
    if html {
        html::is_blank(text)
    } else {
        text.trim().is_empty()
    }
}

/// Author and times are the platform's to set, except while an app imports messages.
fn refuse_read_only(draft: &Value) -> Result<(), GraphError> {
    for property in ["from", "createdDateTime", "id"] {
        if !draft[property].is_null() {
            return Err(GraphError::bad_request(format!(
                "Property '{property}' is read-only and cannot be set."
            )));
        }
    }
    if draft["hostedContents"]
        .as_array()
        .is_some_and(|contents| !contents.is_empty())
    {
        return Err(GraphError::bad_request(
            "Hosted contents are not enabled for this tenant.",
        ));
    }
    Ok(())
}

fn list(draft: &Value, property: &str) -> Result<Vec<Value>, GraphError> {
    match &draft[property] {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => Ok(items.clone()),
        _ => Err(GraphError::bad_request(format!(
            "Property '{property}' must be a collection."
        ))),
    }
}

/// Mentions must be as many as the `<at>` elements, with the same ids, and name real users.
fn mentions(
    tenant: &Tenant,
    directory: &Directory,
    given: &[Value],
    html: bool,
    text: &str,
) -> Result<Vec<Value>, GraphError> {
    let mut in_text = if html {
        html::ids_of(text, "at")
    } else {
        Vec::new()
    };
    let mut ids: Vec<String> = given
        .iter()
        .map(|mention| mention["id"].to_string())
        .collect();
    in_text.sort();
    ids.sort();
    if in_text != ids {
        return Err(GraphError::bad_request(
            "Mentions in the message body do not match the mentions of the request.",
        ));
    }
    given
        .iter()
        .map(|mention| one_mention(tenant, directory, mention))
        .collect()
}

fn one_mention(
    tenant: &Tenant,
    directory: &Directory,
    mention: &Value,
) -> Result<Value, GraphError> {
    let text = mention["mentionText"]
        .as_str()
        .ok_or_else(|| GraphError::bad_request("mentionText is required for a mention."))?;
    let mentioned = &mention["mentioned"];
    let target = if mentioned["user"].is_object() {
        let id = mentioned["user"]["id"].as_str().unwrap_or_default();
        let user = directory
            .find(id)
            .ok_or_else(|| GraphError::bad_request("Mentioned user was not found."))?;
        let name = Some(user.display_name.as_str());
        json!({
            "application": null, "device": null, "conversation": null, "tag": null,
            "user": shapes::identity(tenant, &user.id, name),
        })
    } else if mentioned["conversation"].is_object() {
        json!({
            "application": null, "device": null, "user": null, "tag": null,
            "conversation": mentioned["conversation"],
        })
    } else {
        return Err(GraphError::bad_request(
            "A mention must name whom it mentions.",
        ));
    };
    Ok(json!({"id": mention["id"], "mentionText": text, "mentioned": target}))
}

/// Each `<attachment id>` of the text must be among the attachments.
fn check_attachments(given: &[Value], html: bool, text: &str) -> Result<(), GraphError> {
    if given
        .iter()
        .any(|attachment| attachment["contentType"].as_str().is_none())
    {
        return Err(GraphError::bad_request(
            "contentType is required for an attachment.",
        ));
    }
    let named = if html {
        html::ids_of(text, "attachment")
    } else {
        Vec::new()
    };
    let held = |id: &String| given.iter().any(|attachment| attachment["id"] == json!(id));
    if named.iter().all(held) {
        return Ok(());
    }
    Err(GraphError::bad_request(
        "Attachments in the message body do not match the attachments of the request.",
    ))
}
