//! What tokens may do.
//!
//! Source: <https://developer.webex.com/docs/integrations>, "Scopes".

/// What any person can grant.
pub const PERSONAL: &[&str] = &[
    "spark:people_read",
    "spark:rooms_read",
    "spark:rooms_write",
    "spark:messages_read",
    "spark:messages_write",
    "spark:memberships_read",
    "spark:memberships_write",
    "spark:teams_read",
    "spark:teams_write",
    "spark:organizations_read",
];

/// What the clients' own sockets need besides.
pub const SOCKETS: &[&str] = &["spark:all", "spark:kms"];

/// What only a full administrator can grant.
pub const ADMINISTRATIVE: &[&str] = &[
    "spark-admin:people_read",
    "spark-admin:people_write",
    "spark-admin:licenses_read",
    "spark-admin:organizations_read",
    "spark-admin:roles_read",
    "identity:people_rw",
    "spark:applications_token",
];

/// What only a compliance officer can grant.
pub const COMPLIANCE: &[&str] = &[
    "spark-compliance:events_read",
    "spark-compliance:messages_read",
    "spark-compliance:messages_write",
    "spark-compliance:memberships_read",
    "spark-compliance:memberships_write",
    "spark-compliance:rooms_read",
    "spark-compliance:webhooks_read",
    "spark-compliance:webhooks_write",
];

/// What the Service App was authorised for.
pub const GUEST_ISSUER: &[&str] = &["guest-issuer:read", "guest-issuer:write"];

/// What guests' tokens always have.
pub const GUEST: &[&str] = &[
    "spark:people_read",
    "spark:rooms_read",
    "spark:rooms_write",
    "spark:messages_read",
    "spark:messages_write",
    "spark:memberships_read",
    "spark:memberships_write",
];

/// All that the Integration was registered with.
pub fn registered() -> impl Iterator<Item = &'static str> {
    let all = [PERSONAL, SOCKETS, ADMINISTRATIVE, COMPLIANCE];
    all.into_iter().flatten().copied()
}

/// A list of scopes as tokens hold it.
pub fn owned(lists: &[&[&str]]) -> Vec<String> {
    let all = lists.iter().copied().flatten();
    all.map(|scope| (*scope).to_owned()).collect()
}

/// Whether one of `any_of` is held. `spark:all` stands for everything that a person can grant.
pub fn covers(held: &[String], any_of: &[&str]) -> bool {
    any_of.iter().any(|wanted| {
        let by_all = PERSONAL.contains(wanted) && held.iter().any(|scope| scope == "spark:all");
        by_all || held.iter().any(|scope| scope == wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::{covers, owned};

    #[test]
    fn the_scope_for_all_covers_what_a_person_can_grant_and_nothing_of_an_administrator() {
        let held = owned(&[&["spark:all"]]);
        assert!(covers(&held, &["spark:messages_write"]));
        assert!(!covers(&held, &["spark-compliance:events_read"]));
        assert!(!covers(&held, &["spark:kms"]));
    }
}
