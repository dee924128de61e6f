//! Calls on the directory.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/user>

use serde_json::{Map, Value, json};

use super::{
    directory::{Photo, User},
    error::GraphError,
    photo,
    query::{Filter, Literal},
    server::{Call, Reply, collection, entity},
    shapes::{self, USER_BASICS, USER_DEFAULTS},
    tenant::Tenant,
};
use crate::clock::Millis;

/// A delta token is good for a week.
const DELTA_LIFE: Millis = 7 * 24 * 60 * 60 * 1000;

/// `GET /users`
pub fn list(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query
        .only(&["select", "filter", "top", "orderby", "count", "skiptoken"])?;
    let top = users_top(call)?;
    let filter = call.query.get("filter").map(Filter::parse).transpose()?;
    let select = Selection::read(call)?;
    let from = position(tenant, call)?;
    let state = tenant.state();
    let mut fitting = Vec::new();
    for user in state.directory.present() {
        if fits(filter.as_ref(), user)? {
            fitting.push(user);
        }
    }
    order(call, &mut fitting)?;
    let count = fitting.len();
    let page: Vec<_> = fitting
        .iter()
        .skip(from)
        .take(top)
        .map(|user| select.apply(user))
        .collect();
    let after = from + page.len();
    let next = (after < count).then(|| {
        let token = tenant.seal(&json!({"users": after}));
        format!(
            "{}/users?{}",
            tenant.urls.graph,
            call.query.with("skiptoken", &token)
        )
    });
    let mut body = collection(tenant, &select.context("users"), page, next);
    if call.query.get("count") == Some("true") && call.eventual {
        body["@odata.count"] = json!(count);
    }
    Ok(Reply::Ok(body))
}

/// `GET /users/{id}` and `GET /me`
pub fn get(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query.only(&["select"])?;
    let mut select = Selection::read(call)?;
    let state = tenant.state();
    let user = state.directory.get(call.user())?;
    // People see all of themselves.
    select.basic &= call.caller.user() != Some(user.id.as_str());
    let context = format!("{}/$entity", select.context("users"));
    Ok(Reply::Ok(entity(tenant, &context, select.apply(user))))
}

/// `GET /users/delta`: everyone first, then what changed since.
pub fn delta(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query
        .only(&["select", "top", "skiptoken", "deltatoken"])?;
    let round = Round::read(tenant, call)?;
    let select = Selection {
        names: round.select.clone(),
        basic: false,
    };
    let top = call.page_size.unwrap_or(users_top(call)?).clamp(1, 999);
    let state = tenant.state();
    let changed = state.directory.changed_since(round.since);
    let due: Vec<_> = changed
        .into_iter()
        .filter(|user| user.version() <= round.until)
        // Whoever was gone before the first round is no news.
        .filter(|user| !(round.first && user.is_removed()))
        .collect();
    let page: Vec<_> = due
        .iter()
        .take(top)
        .map(|user| changed_user(&select, user))
        .collect();
    let mut body = collection(tenant, &select.context("users"), page, None);
    let (link, option, token) = match due.get(top.wrapping_sub(1)) {
        Some(last) if due.len() > top => {
            ("@odata.nextLink", "$skiptoken", round.next(last.version()))
        }
        _ => (
            "@odata.deltaLink",
            "$deltatoken",
            round.finished(tenant.now()),
        ),
    };
    let token = tenant.seal(&token);
    body[link] = json!(format!(
        "{}/users/delta?{option}={token}",
        tenant.urls.graph
    ));
    Ok(Reply::Ok(body))
}

/// `GET /users/{id}/photo`
pub fn photo(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let state = tenant.state();
    let user = state.directory.get(call.user())?;
    let kind = match &user.photo {
        None => return Err(no_photo()),
        Some(Photo::Drawn) => "image/png",
        Some(Photo::Uploaded(kind, _)) => kind,
    };
    let body = json!({
        "@odata.mediaContentType": kind, "id": "48X48", "height": 48, "width": 48,
    });
    Ok(Reply::Ok(entity(
        tenant,
        &format!("users('{}')/photo/$entity", user.id),
        body,
    )))
}

/// `GET /users/{id}/photo/$value`
pub fn photo_value(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let state = tenant.state();
    let user = state.directory.get(call.user())?;
    match &user.photo {
        None => Err(no_photo()),
        Some(Photo::Drawn) => Ok(Reply::Bytes("image/png", photo::png(&user.id))),
        Some(Photo::Uploaded(kind, bytes)) => Ok(Reply::Bytes(kind, bytes.to_vec())),
    }
}

/// `POST /users/{id}/revokeSignInSessions`
pub fn revoke_sessions(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = tenant.state().directory.get(call.user())?.id.clone();
    tenant.revoke_sessions(&id);
    let context = format!("{}/$metadata#Edm.Boolean", tenant.urls.graph);
    Ok(Reply::Ok(json!({"@odata.context": context, "value": true})))
}

/// Which properties of a user are wanted, and whether only the basic ones may be seen.
struct Selection {
    names: Vec<String>,
    basic: bool,
}

impl Selection {
    fn read(call: &Call) -> Result<Self, GraphError> {
        let names: Vec<_> = call
            .query
            .list("select")
            .into_iter()
            .map(str::to_owned)
            .collect();
        check_names(&names)?;
        Ok(Self {
            names,
            basic: !call.caller.may(&[
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ]),
        })
    }

    fn apply(&self, user: &User) -> Value {
        let all = shapes::user(user);
        let defaults = USER_DEFAULTS
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let names: Vec<String> = if self.names.is_empty() {
            defaults
        } else {
            self.names.clone()
        };
        let mut chosen = Map::new();
        for name in names {
            if let Some((name, value)) = all
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(&name))
            {
                let hidden = self.basic && !USER_BASICS.contains(&name.as_str());
                let value = if !hidden {
                    value.clone()
                } else if value.is_array() {
                    json!([])
                } else {
                    Value::Null
                };
                chosen.insert(name.clone(), value);
            }
        }
        Value::Object(chosen)
    }

    fn context(&self, of: &str) -> String {
        if self.names.is_empty() {
            of.to_owned()
        } else {
            format!("{of}({})", self.names.join(","))
        }
    }
}

/// One round of delta: the versions of the directory that it covers. A page moves `since` forward,
/// so that whoever changes meanwhile is neither skipped nor sent twice.
struct Round {
    select: Vec<String>,
    first: bool,
    since: u64,
    until: u64,
}

impl Round {
    fn read(tenant: &Tenant, call: &Call) -> Result<Self, GraphError> {
        let version = tenant.state().directory.version();
        if let Some(token) = call.query.get("skiptoken") {
            let held = tenant.unseal(token).ok_or_else(sync_state_not_found)?;
            return Ok(Self::held(
                &held,
                held["until"].as_u64().unwrap_or_default(),
            ));
        }
        match call.query.get("deltatoken") {
            None => {
                let select: Vec<_> = call
                    .query
                    .list("select")
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
                check_names(&select)?;
                Ok(Self {
                    select,
                    first: true,
                    since: 0,
                    until: version,
                })
            }
            Some("latest") => {
                let select = call
                    .query
                    .list("select")
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
                Ok(Self {
                    select,
                    first: true,
                    since: version,
                    until: version,
                })
            }
            Some(token) => {
                let held = tenant.unseal(token).ok_or_else(sync_state_not_found)?;
                let at = held["at"].as_i64().ok_or_else(sync_state_not_found)?;
                if at + DELTA_LIFE < tenant.now() {
                    return Err(sync_state_not_found());
                }
                Ok(Self::held(&held, version))
            }
        }
    }

    fn held(held: &Value, until: u64) -> Self {
        let select = held["select"].as_array().into_iter().flatten();
        Self {
            select: select
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            first: held["first"].as_bool().unwrap_or_default(),
            since: held["since"].as_u64().unwrap_or_default(),
            until,
        }
    }

    fn next(&self, since: u64) -> Value {
        json!({"select": self.select, "first": self.first, "since": since, "until": self.until})
    }

    fn finished(&self, now: Millis) -> Value {
        json!({"select": self.select, "first": false, "since": self.until, "at": now})
    }
}

fn changed_user(select: &Selection, user: &User) -> Value {
    if user.is_removed() {
        return json!({"id": user.id, "@removed": {"reason": "changed"}});
    }
    let mut value = select.apply(user);
    value["id"] = json!(user.id);
    value
}

fn sync_state_not_found() -> GraphError {
    GraphError::new(
        410,
        "syncStateNotFound",
        "The sync state generation is not found; start a new synchronization.",
    )
}

fn check_names(names: &[String]) -> Result<(), GraphError> {
    const KNOWN: &[&str] = &[
        "accountEnabled",
        "assignedPlans",
        "businessPhones",
        "city",
        "companyName",
        "country",
        "createdDateTime",
        "department",
        "displayName",
        "employeeId",
        "externalUserState",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mailNickname",
        "mobilePhone",
        "officeLocation",
        "otherMails",
        "preferredLanguage",
        "proxyAddresses",
        "surname",
        "usageLocation",
        "userPrincipalName",
        "userType",
    ];
    let stranger = names
        .iter()
        .find(|name| !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name)));
    match stranger {
        None => Ok(()),
        Some(name) => Err(GraphError::bad_request(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{name}' on \
             type 'microsoft.graph.user'."
        ))),
    }
}

fn users_top(call: &Call) -> Result<usize, GraphError> {
    call.query.top(100, 999).map_err(|_| {
        GraphError::new(
            400,
            "Request_UnsupportedQuery",
            "Invalid page size specified. Must be between 1 and 999 inclusive.",
        )
    })
}

fn position(tenant: &Tenant, call: &Call) -> Result<usize, GraphError> {
    let Some(token) = call.query.get("skiptoken") else {
        return Ok(0);
    };
    tenant
        .unseal(token)
        .and_then(|held| held["users"].as_u64())
        .and_then(|position| usize::try_from(position).ok())
        .ok_or_else(|| {
            GraphError::new(
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in \
                 your request.",
            )
        })
}

fn fits(filter: Option<&Filter>, user: &User) -> Result<bool, GraphError> {
    let Some(filter) = filter else {
        return Ok(true);
    };
    let text = |value: &str| Some(Literal::Text(value.to_owned()));
    filter.fits(&|name| match name {
        "id" => text(&user.id),
        "mail" => text(&user.mail),
        "userPrincipalName" => text(&user.upn),
        "displayName" => text(&user.display_name),
        "givenName" => text(&user.given_name),
        "surname" => text(&user.surname),
        "jobTitle" => text(&user.job_title),
        "userType" => text(if user.is_guest() { "Guest" } else { "Member" }),
        "accountEnabled" => Some(Literal::Bool(user.enabled)),
        _ => None,
    })
}

fn order(call: &Call, users: &mut [&User]) -> Result<(), GraphError> {
    match call.query.get("orderby").map(str::trim) {
        None => {}
        Some("displayName" | "displayName asc") => {
            users.sort_by_key(|user| user.display_name.to_lowercase());
        }
        Some("userPrincipalName" | "userPrincipalName asc") => {
            users.sort_by_key(|user| user.upn.to_lowercase());
        }
        Some(_) => {
            return Err(GraphError::new(
                400,
                "Request_UnsupportedQuery",
                "Sorting not supported for the given property.",
            ));
        }
    }
    Ok(())
}

fn no_photo() -> GraphError {
    GraphError::new(
        404,
        "ImageNotFound",
        "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was \
         thrown.",
    )
}
