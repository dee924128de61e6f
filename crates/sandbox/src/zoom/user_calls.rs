//! The account's users.
//!
//! Source: <https://developers.zoom.us/docs/api/users/>

use serde_json::json;

use crate::clock::Millis;

use super::{
    account::ZoomAccount,
    directory::{BASIC, LICENSED, Standing, User},
    error::ZoomError,
    fields::Fields,
    happenings::{UserChange, user_object},
    ids::UserId,
    oauth::tokens::Ended,
    server::{Answer, Call, Reply},
    shapes,
    state::State,
    switches::Switches,
};

const PRESENCES: &[&str] = &[
    "Away",
    "Available",
    "In_Calendar_Event",
    "Presenting",
    "In_A_Zoom_Meeting",
    "On_A_Call",
    "Out_of_Office",
    "Busy",
    "Do_No_Disturb",
];

/// `GET /users`: those of one standing
pub fn list(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let status = call.query.text("status").unwrap_or("active");
        if !["active", "inactive", "pending"].contains(&status) {
            let why = "It must be active, inactive or pending.";
            return Err(ZoomError::field("status", why));
        }
        let keys: Vec<_> = state
            .directory
            .present()
            .filter(|user| user.standing.name() == status)
            .map(|user| user.id.to_string())
            .collect();
        let total = keys.len();
        let asked = call.query.page("users", 30, 300)?;
        let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
        let users: Vec<_> = page
            .keys
            .iter()
            .filter_map(|id| state.directory.get(&UserId::from(id.as_str())))
            .map(shapes::listed_user)
            .collect();
        Ok(Reply::Ok(json!({
            "page_count": total.div_ceil(page.size),
            "page_size": page.size,
            "total_records": total,
            "next_page_token": page.next,
            "users": users,
        })))
    })
}

/// `GET /users/{userId}`
pub fn get(here: &ZoomAccount, call: &Call) -> Answer {
    here.look(|state, _| {
        let user = named(state, call)?;
        Ok(Reply::Ok(shapes::user(user, &state.account, &here.host)))
    })
}

/// `POST /users`
pub fn create(here: &ZoomAccount, call: &Call) -> Answer {
    let switches = here.switches();
    here.change(|state, now| {
        let fields = call.fields();
        let action = Action::read(fields.need_text("action")?)?;
        let info = fields.object("user_info")?;
        let info = info.ok_or_else(|| ZoomError::field("user_info", "This field is required."))?;
        let email = info.need_text("email")?.to_owned();
        if !email.contains('@') {
            return Err(ZoomError::field("user_info.email", "Invalid field."));
        }
        if state.directory.with_email(&email).is_some() {
            let why = format!("User already in the account: {email}");
            return Err(ZoomError::new(409, 1005, why));
        }
        action.check(&switches, &email)?;
        let user = newcomer(state, action, &info, &email, now)?;
        let id = state.directory.add(user);
        if action == Action::Create {
            state.mails.push(email);
        }
        state.tell_user(&UserChange::Created(action.name()), &id, now);
        let made = state.directory.get(&id);
        Ok(Reply::Created(made.map(user_object).unwrap_or_default()))
    })
}

/// `PATCH /users/{userId}`
pub fn update(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let id = named(state, call)?.id.clone();
        let fields = call.fields();
        let text = |name: &str| fields.text(name).map(|text| text.map(str::to_owned));
        let (first, last) = (text("first_name")?, text("last_name")?);
        let (display, title) = (text("display_name")?, text("dept")?);
        let licence = licence(&fields)?;
        change(state, &id, now, |user| {
            user.first_name = first.unwrap_or_else(|| user.first_name.clone());
            user.last_name = last.unwrap_or_else(|| user.last_name.clone());
            user.display_name = display.unwrap_or_else(|| user.display_name.clone());
            user.title = title.unwrap_or_else(|| user.title.clone());
            user.licence = licence.unwrap_or(user.licence);
        });
        Ok(Reply::NoContent)
    })
}

/// `PUT /users/{userId}/status`
pub fn set_status(here: &ZoomAccount, call: &Call) -> Answer {
    let active = match call.fields().need_text("action")? {
        "activate" => true,
        "deactivate" => false,
        _ => {
            return Err(ZoomError::field(
                "action",
                "It must be activate or deactivate.",
            ));
        }
    };
    let id = here.look(|state, _| named(state, call).map(|user| user.id.clone()))?;
    here.set_standing(&id, active);
    Ok(Reply::NoContent)
}

/// `DELETE /users/{userId}`
pub fn delete(here: &ZoomAccount, call: &Call) -> Answer {
    let change = match call.query.text("action") {
        None | Some("disassociate") => UserChange::Disassociated,
        Some("delete") => UserChange::Deleted,
        Some(_) => {
            return Err(ZoomError::field(
                "action",
                "It must be disassociate or delete.",
            ));
        }
    };
    let id = here.look(|state, _| named(state, call).map(|user| user.id.clone()))?;
    here.let_go(&id, &change);
    Ok(Reply::NoContent)
}

/// `GET /users/{userId}/presence_status`
pub fn presence(here: &ZoomAccount, call: &Call) -> Answer {
    here.look(|state, _| {
        let user = named(state, call)?;
        Ok(Reply::Ok(json!({ "status": user.presence })))
    })
}

/// `PUT /users/{userId}/presence_status`
pub fn set_presence(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, _| {
        let id = named(state, call)?.id.clone();
        let fields = call.fields();
        let status = fields.need_text("status")?;
        if !PRESENCES.contains(&status) {
            return Err(ZoomError::field("status", "Invalid field."));
        }
        if let Some(user) = state.directory.get_mut(&id) {
            status.clone_into(&mut user.presence);
        }
        Ok(Reply::NoContent)
    })
}

impl ZoomAccount {
    /// Switches a user on or off. Whoever is switched on has confirmed, too; what somebody had
    /// authorised ends when they are switched off.
    pub(super) fn set_standing(&self, id: &UserId, active: bool) {
        self.change(|state, now| {
            let (standing, change) = if active {
                (Standing::Active, UserChange::Activated)
            } else {
                (Standing::Inactive, UserChange::Deactivated)
            };
            let user = state.directory.get_mut(id);
            if let Some(user) = user.filter(|user| user.standing != standing) {
                user.standing = standing;
                state.tell_user(&change, id, now);
            }
        });
        if !active {
            self.tokens().end_all_of(id, Ended::Revoked);
        }
    }
}

impl ZoomAccount {
    /// A user leaves the account, with all that they had authorised.
    pub(super) fn let_go(&self, id: &UserId, change: &UserChange) {
        self.change(|state, now| {
            state.tell_user(change, id, now);
            state.forget(id);
            if let Some(user) = state.directory.get_mut(id) {
                user.standing = Standing::Gone;
            }
        });
        self.tokens().end_all_of(id, Ended::Revoked);
    }

    /// Users who were invited by mail, and have not followed the link yet.
    pub(super) fn wait_for(&self, addresses: &[String]) {
        self.change(|state, _| {
            for address in addresses {
                let id = state.directory.with_email(address).map(|it| it.id.clone());
                if let Some(user) = id.and_then(|id| state.directory.get_mut(&id)) {
                    user.standing = Standing::Pending;
                }
            }
        });
    }
}

/// Changes what is said of a user, and tells what it was.
pub fn change(state: &mut State, id: &UserId, now: Millis, change: impl FnOnce(&mut User)) {
    let Some(user) = state.directory.get_mut(id) else {
        return;
    };
    let before = user_object(user);
    change(user);
    state.tell_user(&UserChange::Updated(before), id, now);
}

/// How a user comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// By a mail with a link that they must follow.
    Create,
    /// Without one, in a domain that the account manages.
    AutoCreate,
    /// For the API alone.
    CustCreate,
    /// By the organisation's single sign-on.
    SsoCreate,
}

impl Action {
    const ALL: [Self; 4] = [
        Self::Create,
        Self::AutoCreate,
        Self::CustCreate,
        Self::SsoCreate,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::AutoCreate => "autoCreate",
            Self::CustCreate => "custCreate",
            Self::SsoCreate => "ssoCreate",
        }
    }

    fn read(text: &str) -> Result<Self, ZoomError> {
        let mut all = Self::ALL.into_iter();
        all.find(|action| action.name() == text)
            .ok_or_else(|| ZoomError::field("action", "Invalid field."))
    }

    /// Whether the account may make users so.
    fn check(self, switches: &Switches, email: &str) -> Result<(), ZoomError> {
        let refused = |why: &str| Err(ZoomError::forbidden(why));
        match self {
            Self::Create => Ok(()),
            Self::SsoCreate if !switches.sso => refused("Single sign-on is not enabled."),
            Self::SsoCreate => Ok(()),
            Self::AutoCreate | Self::CustCreate if !switches.provisioning => {
                refused("The account may not create users with this action.")
            }
            Self::AutoCreate if !switches.manages(email) => {
                refused("The domain of the address is not managed by the account.")
            }
            Self::AutoCreate | Self::CustCreate => Ok(()),
        }
    }

    fn standing(self) -> Standing {
        match self {
            Self::Create => Standing::Pending,
            Self::AutoCreate | Self::CustCreate | Self::SsoCreate => Standing::Active,
        }
    }
}

fn newcomer(
    state: &State,
    action: Action,
    info: &Fields<'_>,
    email: &str,
    now: Millis,
) -> Result<User, ZoomError> {
    let licence = licence(info)?;
    let licence = licence.ok_or_else(|| ZoomError::field("user_info.type", "Invalid field."))?;
    if action == Action::AutoCreate {
        info.need_text("password")?;
    }
    let first = info.text("first_name")?.unwrap_or_default();
    let last = info.text("last_name")?.unwrap_or_default();
    let both = format!("{first} {last}");
    let name = match info.text("display_name")? {
        Some(name) if !name.is_empty() => name,
        Some(_) | None if !both.trim().is_empty() => both.trim(),
        Some(_) | None => email,
    };
    Ok(User {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        licence,
        standing: action.standing(),
        ..User::new(&state.mint, email, name, now)
    })
}

fn licence(fields: &Fields<'_>) -> Result<Option<u64>, ZoomError> {
    match fields.number("type")? {
        None => Ok(None),
        Some(number @ (BASIC | LICENSED | 4 | 99)) => Ok(Some(number)),
        Some(_) => Err(ZoomError::field("user_info.type", "Invalid field.")),
    }
}

/// The user that the path names: oneself for a person's token, anybody for the account's app.
fn named<'a>(state: &'a State, call: &Call) -> Result<&'a User, ZoomError> {
    let text = call.id("userId");
    let found = match (&call.access.user, text) {
        (Some(user), "me") => state.directory.get(user),
        (Some(_), _) => return Err(ZoomError::scopes(&call.admin_scopes())),
        (None, _) => state.directory.named(text),
    };
    found.ok_or_else(|| ZoomError::no_user(text))
}
