//! Graph's JSON of what the tenant holds.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use url::form_urlencoded::byte_serialize;

use super::{
    chats::{Author, Chat, ChatKind, Membership, Message, Role},
    directory::{DOMAIN, Directory, User, UserKind},
    tenant::{Tenant, timestamp},
};
use crate::{acme, clock::Millis};

/// The properties of a user that come without `$select`.
pub const USER_DEFAULTS: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// What `User.ReadBasic.All` shows of other people; the rest comes as null.
pub const USER_BASICS: &[&str] = &[
    "displayName",
    "givenName",
    "id",
    "mail",
    "surname",
    "userPrincipalName",
];

/// A user with every property that the stand-in knows.
pub fn user(user: &User) -> Map<String, Value> {
    let guest = user.is_guest();
    let plans = if guest || !user.licensed {
        json!([])
    } else {
        json!([{
            "assignedDateTime": "2024-01-08T09:00:00Z",
            "capabilityStatus": "Enabled",
            "service": "TeamspaceAPI",
            "servicePlanId": "57ff2da0-773e-42df-b2af-ffb7a2317929",
        }])
    };
    let value = json!({
        "id": user.id,
        "displayName": user.display_name,
        "givenName": user.given_name,
        "surname": user.surname,
        "mail": user.mail,
        "userPrincipalName": user.upn,
        "jobTitle": user.job_title,
        "businessPhones": [],
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "accountEnabled": user.enabled,
        "userType": if guest { "Guest" } else { "Member" },
        "externalUserState": match user.kind {
            UserKind::Member => None,
            UserKind::PendingGuest => Some("PendingAcceptance"),
            UserKind::Guest => Some("Accepted"),
        },
        "otherMails": if guest { json!([user.mail]) } else { json!([]) },
        "assignedPlans": plans,
        "mailNickname": user.upn.split('@').next(),
        "proxyAddresses": [format!("SMTP:{}", user.mail)],
        "createdDateTime": "2024-01-08T09:00:00Z",
        "usageLocation": "DE",
        "department": null,
        "companyName": "Acme, Inc.",
        "city": null,
        "country": null,
        "employeeId": null,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

pub fn chat(tenant: &Tenant, chat: &Chat) -> Value {
    json!({
        "id": chat.id,
        "topic": chat.topic,
        "createdDateTime": time(chat.created_at),
        "lastUpdatedDateTime": time(chat.updated_at),
        "chatType": match chat.kind { ChatKind::OneOnOne => "oneOnOne", ChatKind::Group => "group" },
        "webUrl": format!(
            "https://teams.microsoft.com/l/chat/{}/0?tenantId={}", encoded(&chat.id), tenant.ids.tenant
        ),
        "tenantId": tenant.ids.tenant,
        "isHiddenForAllMembers": false,
        "onlineMeetingInfo": null,
        "viewpoint": null,
    })
}

pub fn member(tenant: &Tenant, directory: &Directory, chat: &Chat, member: &Membership) -> Value {
    let user = directory.find(&member.user);
    json!({
        "@odata.type": "#microsoft.graph.aadUserConversationMember",
        "id": member_id(tenant, chat, &member.user),
        "roles": [match member.role { Role::Owner => "owner", Role::Guest => "guest" }],
        "displayName": user.map(|user| &user.display_name),
        "userId": member.user,
        "email": user.map(|user| &user.mail),
        "tenantId": tenant.ids.tenant,
        "visibleHistoryStartDateTime":
            member.history_from.map_or_else(|| json!("0001-01-01T00:00:00Z"), time),
    })
}

/// A membership's opaque id.
pub fn member_id(tenant: &Tenant, chat: &Chat, user: &str) -> String {
    STANDARD.encode(format!("0##{}##{}##{user}", tenant.ids.tenant, chat.id))
}

/// A `chatMessage`. Without `known_events` the type of a system message is hidden, as for clients
/// that did not send `Prefer: include-unknown-enum-members`.
pub fn message(
    tenant: &Tenant,
    directory: &Directory,
    chat: &Chat,
    message: &Message,
    known_events: bool,
) -> Value {
    let deleted = message.deleted_at.is_some();
    let content = &message.content;
    json!({
        "id": message.id.to_string(),
        "replyToId": null,
        "etag": message.modified_at.to_string(),
        "messageType": message_type(message, known_events),
        "createdDateTime": time(message.id),
        "lastModifiedDateTime": time(message.modified_at),
        "lastEditedDateTime": message.edited_at.map(time),
        "deletedDateTime": message.deleted_at.map(time),
        "subject": content.subject.as_ref().filter(|_| !deleted),
        "summary": null,
        "chatId": chat.id,
        "importance": content.importance.as_deref().unwrap_or("normal"),
        "locale": "en-us",
        "webUrl": web_url(chat, message),
        "channelIdentity": null,
        "policyViolation": null,
        "eventDetail": message.event,
        "from": from(tenant, directory, &message.author),
        "body": body(message),
        "attachments": if deleted { json!([]) } else { json!(content.attachments) },
        "mentions": if deleted { json!([]) } else { json!(content.mentions) },
        "reactions": if deleted { json!([]) } else { reactions(tenant, message) },
        "messageHistory": [],
    })
}

/// The `chatMessageInfo` of a chat's last message.
pub fn preview(tenant: &Tenant, directory: &Directory, message: &Message) -> Value {
    json!({
        "id": message.id.to_string(),
        "createdDateTime": time(message.id),
        "isDeleted": message.deleted_at.is_some(),
        "messageType": message_type(message, false),
        "eventDetail": message.event,
        "body": body(message),
        "from": from(tenant, directory, &message.author),
    })
}

/// One user inside an identity set.
pub fn identity(tenant: &Tenant, id: &str, name: Option<&str>) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.teamworkUserIdentity",
        "id": id,
        "displayName": name,
        "userIdentityType": "aadUser",
        "tenantId": tenant.ids.tenant,
    })
}

/// A time as Graph writes it.
pub fn time(ms: Millis) -> Value {
    json!(timestamp(ms).to_string())
}

/// An id as it stands in a URL.
pub fn encoded(id: &str) -> String {
    byte_serialize(id.as_bytes()).collect()
}

fn message_type(message: &Message, known_events: bool) -> &'static str {
    match (&message.event, known_events) {
        (None, _) => "message",
        (Some(_), true) => "systemEventMessage",
        (Some(_), false) => "unknownFutureValue",
    }
}

fn from(tenant: &Tenant, directory: &Directory, author: &Author) -> Value {
    match author {
        Author::User(id) => {
            let name = directory.find(id).map(|user| user.display_name.as_str());
            json!({"application": null, "device": null, "user": identity(tenant, id, name)})
        }
        Author::Bot => json!({"user": null, "device": null, "application": {
            "@odata.type": "#microsoft.graph.teamworkApplicationIdentity",
            "id": tenant.ids.other_bot,
            "displayName": acme::OTHER_BOT,
            "applicationIdentityType": "bot",
        }}),
        Author::System => Value::Null,
    }
}

fn body(message: &Message) -> Value {
    let kind = if message.content.html { "html" } else { "text" };
    let text = if message.deleted_at.is_some() {
        ""
    } else {
        &message.content.text
    };
    json!({"contentType": kind, "content": text})
}

fn reactions(tenant: &Tenant, message: &Message) -> Value {
    message
        .reactions
        .iter()
        .map(|reaction| {
            json!({
                "reactionType": reaction.emoji,
                "displayName": null,
                "reactionContentUrl": null,
                "createdDateTime": time(reaction.at),
                "user": {
                    "application": null,
                    "device": null,
                    "user": identity(tenant, &reaction.user, None),
                },
            })
        })
        .collect()
}

fn web_url(chat: &Chat, message: &Message) -> String {
    format!(
        "https://teams.microsoft.com/l/message/{}/{}?context=%7B%22contextType%22%3A%22chat%22%7D",
        encoded(&chat.id),
        message.id
    )
}

/// Whether an address belongs to the tenant.
pub fn is_own_address(email: &str) -> bool {
    email
        .rsplit_once('@')
        .is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(DOMAIN))
}
