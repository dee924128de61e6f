//! The API's calls: where each is found, and what it needs.

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    ListPeople,
    GetMe,
    GetPerson,
    ListOrganizations,
    GetOrganization,
    MakeGuest,
    CountGuests,
    AuthorizeServiceApp,
    TokenExpiry,
    ListRooms,
    CreateRoom,
    GetRoom,
    UpdateRoom,
    DeleteRoom,
    ListMemberships,
    CreateMembership,
    GetMembership,
    UpdateMembership,
    DeleteMembership,
    ListMessages,
    CreateMessage,
    ListDirectMessages,
    GetMessage,
    EditMessage,
    DeleteMessage,
    GetContent,
    ListWebhooks,
    CreateWebhook,
    GetWebhook,
    UpdateWebhook,
    DeleteWebhook,
    ListEvents,
    GetEvent,
}

#[derive(Debug)]
pub struct Endpoint {
    pub operation: Operation,
    method: &'static str,
    template: &'static str,
    /// One of these is enough; any token will do where there is none.
    pub scopes: &'static [&'static str],
}

impl Endpoint {
    /// The words of its reference page: `GET /rooms/{roomId}`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}

/// Why no call is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoEndpoint {
    UnknownPath,
    WrongMethod,
}

/// The call behind a method and a path after `/v1`, with what stands in the place of its id.
pub fn find<'a>(method: &str, path: &'a str) -> Result<(&'static Endpoint, &'a str), NoEndpoint> {
    let path = path.trim_end_matches('/');
    let mut matching = ENDPOINTS
        .iter()
        .filter_map(|endpoint| Some((endpoint, fits(endpoint.template, path)?)))
        .peekable();
    if matching.peek().is_none() {
        return Err(NoEndpoint::UnknownPath);
    }
    matching
        .find(|(endpoint, _)| endpoint.method == method)
        .ok_or(NoEndpoint::WrongMethod)
}

/// What stands in the place of the template's id; nothing where it has none.
fn fits<'a>(template: &str, path: &'a str) -> Option<&'a str> {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut id = "";
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(id),
            (Some(wanted), Some(given)) if wanted.starts_with('{') => id = given,
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

const fn endpoint(
    operation: Operation,
    method: &'static str,
    template: &'static str,
    scopes: &'static [&'static str],
) -> Endpoint {
    Endpoint {
        operation,
        method,
        template,
        scopes,
    }
}

const READ_PEOPLE: &[&str] = &["spark:people_read", "spark-admin:people_read"];
const READ_ORGANIZATIONS: &[&str] = &["spark:organizations_read", "spark-admin:organizations_read"];
const READ_ROOMS: &[&str] = &["spark:rooms_read", "spark-compliance:rooms_read"];
const WRITE_ROOMS: &[&str] = &["spark:rooms_write"];
const READ_MEMBERSHIPS: &[&str] = &[
    "spark:memberships_read",
    "spark-compliance:memberships_read",
];
const WRITE_MEMBERSHIPS: &[&str] = &[
    "spark:memberships_write",
    "spark-compliance:memberships_write",
];
const READ_MESSAGES: &[&str] = &["spark:messages_read", "spark-compliance:messages_read"];
const SEND_MESSAGES: &[&str] = &["spark:messages_write"];
const DELETE_MESSAGES: &[&str] = &["spark:messages_write", "spark-compliance:messages_write"];
const READ_EVENTS: &[&str] = &["spark-compliance:events_read"];

/// Literal paths stand before those with an id in the same place.
const ENDPOINTS: &[Endpoint] = &[
    endpoint(Operation::ListPeople, "GET", "/people", READ_PEOPLE),
    endpoint(Operation::GetMe, "GET", "/people/me", READ_PEOPLE),
    endpoint(
        Operation::GetPerson,
        "GET",
        "/people/{personId}",
        READ_PEOPLE,
    ),
    endpoint(
        Operation::ListOrganizations,
        "GET",
        "/organizations",
        READ_ORGANIZATIONS,
    ),
    endpoint(
        Operation::GetOrganization,
        "GET",
        "/organizations/{orgId}",
        READ_ORGANIZATIONS,
    ),
    endpoint(
        Operation::MakeGuest,
        "POST",
        "/guests/token",
        &["guest-issuer:write"],
    ),
    endpoint(
        Operation::CountGuests,
        "GET",
        "/guests/count",
        &["guest-issuer:read"],
    ),
    endpoint(
        Operation::AuthorizeServiceApp,
        "POST",
        "/applications/{applicationId}/token",
        &["spark:applications_token"],
    ),
    endpoint(
        Operation::TokenExpiry,
        "GET",
        "/authorizations/tokenExpiry",
        &[],
    ),
    endpoint(Operation::ListRooms, "GET", "/rooms", READ_ROOMS),
    endpoint(Operation::CreateRoom, "POST", "/rooms", WRITE_ROOMS),
    endpoint(Operation::GetRoom, "GET", "/rooms/{roomId}", READ_ROOMS),
    endpoint(Operation::UpdateRoom, "PUT", "/rooms/{roomId}", WRITE_ROOMS),
    endpoint(
        Operation::DeleteRoom,
        "DELETE",
        "/rooms/{roomId}",
        WRITE_ROOMS,
    ),
    endpoint(
        Operation::ListMemberships,
        "GET",
        "/memberships",
        READ_MEMBERSHIPS,
    ),
    endpoint(
        Operation::CreateMembership,
        "POST",
        "/memberships",
        WRITE_MEMBERSHIPS,
    ),
    endpoint(
        Operation::GetMembership,
        "GET",
        "/memberships/{membershipId}",
        READ_MEMBERSHIPS,
    ),
    endpoint(
        Operation::UpdateMembership,
        "PUT",
        "/memberships/{membershipId}",
        WRITE_MEMBERSHIPS,
    ),
    endpoint(
        Operation::DeleteMembership,
        "DELETE",
        "/memberships/{membershipId}",
        WRITE_MEMBERSHIPS,
    ),
    endpoint(Operation::ListMessages, "GET", "/messages", READ_MESSAGES),
    endpoint(Operation::CreateMessage, "POST", "/messages", SEND_MESSAGES),
    endpoint(
        Operation::ListDirectMessages,
        "GET",
        "/messages/direct",
        READ_MESSAGES,
    ),
    endpoint(
        Operation::GetMessage,
        "GET",
        "/messages/{messageId}",
        READ_MESSAGES,
    ),
    endpoint(
        Operation::EditMessage,
        "PUT",
        "/messages/{messageId}",
        SEND_MESSAGES,
    ),
    endpoint(
        Operation::DeleteMessage,
        "DELETE",
        "/messages/{messageId}",
        DELETE_MESSAGES,
    ),
    endpoint(
        Operation::GetContent,
        "GET",
        "/contents/{contentId}",
        READ_MESSAGES,
    ),
    endpoint(
        Operation::GetContent,
        "HEAD",
        "/contents/{contentId}",
        READ_MESSAGES,
    ),
    endpoint(Operation::ListWebhooks, "GET", "/webhooks", &[]),
    endpoint(Operation::CreateWebhook, "POST", "/webhooks", &[]),
    endpoint(Operation::GetWebhook, "GET", "/webhooks/{webhookId}", &[]),
    endpoint(
        Operation::UpdateWebhook,
        "PUT",
        "/webhooks/{webhookId}",
        &[],
    ),
    endpoint(
        Operation::DeleteWebhook,
        "DELETE",
        "/webhooks/{webhookId}",
        &[],
    ),
    endpoint(Operation::ListEvents, "GET", "/events", READ_EVENTS),
    endpoint(Operation::GetEvent, "GET", "/events/{eventId}", READ_EVENTS),
];

#[cfg(test)]
mod tests {
    use super::{NoEndpoint, Operation, find};

    #[test]
    fn a_literal_path_is_not_taken_for_an_id() {
        let found = |method, path| find(method, path).map(|(found, id)| (found.operation, id));
        assert_eq!(found("GET", "/people/me"), Ok((Operation::GetMe, "")));
        assert_eq!(found("GET", "/people/x"), Ok((Operation::GetPerson, "x")));
        assert_eq!(found("PATCH", "/rooms"), Err(NoEndpoint::WrongMethod));
        assert_eq!(found("GET", "/rooms/x/y"), Err(NoEndpoint::UnknownPath));
    }
}
