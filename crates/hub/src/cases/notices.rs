//! What the engine found that an administrator can change, in words.

use causeway_model::PersonId;
use causeway_store::{NoticeRow, Reader, StoreError};

use super::look::{Look, Side, Sides};
use crate::{
    Hub,
    api::{DismissNotice, ErrorCode, HubError, NoticeCode, NoticeView},
    error::failed,
};

/// What the platform hands back with a consent that leads nowhere: nothing waits for it.
const STATE: &str = "causeway";

pub(crate) async fn list_notices(hub: &Hub) -> Result<Vec<NoticeView>, HubError> {
    let look = Look::of(hub);
    hub.read(move |reader| {
        let sides = look.sides(reader)?;
        notices(reader, &look, &sides)
    })
    .await
}

pub(crate) async fn dismiss_notice(
    hub: &Hub,
    args: DismissNotice,
) -> Result<Vec<NoticeView>, HubError> {
    let known = hub.write(move |tx| tx.dismiss_notice(args.notice)).await?;
    if known {
        return list_notices(hub).await;
    }
    Err(failed(
        ErrorCode::NotFound,
        format!("There is no notice {}.", args.notice),
    )
    .action("List the notices again: it may be over.")
    .build())
}

/// What is noticed about one person, a sentence each.
pub(super) fn about(
    reader: &Reader<'_>,
    look: &Look,
    person: PersonId,
) -> Result<Vec<String>, StoreError> {
    let mut words = Vec::new();
    let sides = look.sides(reader)?;
    let name = reader.person(person)?.map(|person| person.name);
    for row in reader.notices()? {
        let known = NoticeCode::from_word(&row.code).zip(sides.get(row.connection));
        if let Some((code, side)) = known.filter(|_| row.person == Some(person)) {
            words.push(format!(
                "{} {}",
                message(code, name.as_deref(), &side.words()),
                action(code)
            ));
        }
    }
    Ok(words)
}

/// Codes that this version does not know are left out.
fn notices(reader: &Reader<'_>, look: &Look, sides: &Sides) -> Result<Vec<NoticeView>, StoreError> {
    let mut views = Vec::new();
    for row in reader.notices()? {
        let (Some(code), Some(side)) =
            (NoticeCode::from_word(&row.code), sides.get(row.connection))
        else {
            continue;
        };
        let person = match row.person {
            Some(person) => reader.person(person)?.map(|person| person.name),
            None => None,
        };
        views.push(view(look, side, code, person, &row));
    }
    Ok(views)
}

fn view(
    look: &Look,
    side: &Side,
    code: NoticeCode,
    person: Option<String>,
    row: &NoticeRow,
) -> NoticeView {
    let mut message = message(code, person.as_deref(), &side.words());
    if let Some(detail) = &row.detail {
        let detail = match code {
            NoticeCode::PreflightFindings => match detail.as_str() {
                "1" => "1 finding".to_owned(),
                count => format!("{count} findings"),
            },
            NoticeCode::CredentialEnds => format!("{detail} left"),
            NoticeCode::AdministratorConsentNeeded
            | NoticeCode::DeviceCodeBlocked
            | NoticeCode::SecondFactorRequired
            | NoticeCode::SignInForbidden
            | NoticeCode::GuestsForbidden
            | NoticeCode::GuestAddressIsOwn
            | NoticeCode::ConversationWidened
            | NoticeCode::PromptUndeliverable
            | NoticeCode::LoopStopped
            | NoticeCode::RestoredFromBackup => detail.clone(),
        };
        message.push_str(&format!(" ({detail})"));
    }
    NoticeView {
        id: row.id,
        connection: row.connection,
        platform: side.platform,
        code,
        message,
        action: action(code).to_owned(),
        link: link(look, side, code),
        person,
        at: row.at,
    }
}

fn message(code: NoticeCode, person: Option<&str>, place: &str) -> String {
    let who = person.unwrap_or("Someone");
    match code {
        NoticeCode::AdministratorConsentNeeded => format!(
            "In {place} only an administrator may let an app read and write people's chats: nobody \
             can authorise their own account yet."
        ),
        NoticeCode::DeviceCodeBlocked => {
            format!("{place} blocks signing in with a code, which is how people are asked.")
        }
        NoticeCode::SecondFactorRequired => format!(
            "{place} wants a second factor before the hub may act as {}.",
            person.unwrap_or("an account")
        ),
        NoticeCode::SignInForbidden => format!("{who} may not sign in to {place}."),
        NoticeCode::GuestsForbidden => format!(
            "{place} does not allow guests: {} cannot be represented by one.",
            person.unwrap_or("people")
        ),
        NoticeCode::GuestAddressIsOwn => {
            format!("{who}'s address belongs to {place} itself: a member cannot also be a guest.")
        }
        NoticeCode::ConversationWidened => format!(
            "Somebody else joined a conversation of {}'s in {place}: nothing more is posted in it.",
            person.unwrap_or("someone")
        ),
        NoticeCode::PromptUndeliverable => format!(
            "{who} could not be asked to authorise their account: the question did not arrive in \
             {place}."
        ),
        NoticeCode::LoopStopped => format!(
            "The same words went to and fro between {place} and the other side, last under {}'s \
             name: they are not carried any further.",
            person.unwrap_or("someone")
        ),
        NoticeCode::PreflightFindings => {
            format!("Something in {place} keeps the hub from doing all of its work.")
        }
        NoticeCode::CredentialEnds => {
            format!("What the app proves itself with to {place} ends soon.")
        }
        NoticeCode::RestoredFromBackup => format!(
            "This hub was restored from a backup and sends nothing yet. What may have been sent to \
             {place} since the backup is looked for there first; only what cannot be seen there any \
             more, because its conversation or its author's sign-in is newer than the backup, may \
             be told twice or not at all."
        ),
    }
}

/// The one thing to do.
fn action(code: NoticeCode) -> &'static str {
    match code {
        NoticeCode::AdministratorConsentNeeded => {
            "Consent for the whole organisation; after that, people only sign in."
        }
        NoticeCode::DeviceCodeBlocked => {
            "Allow the device code flow for this app in the conditional access policies, or give \
             the hub a public address."
        }
        NoticeCode::SecondFactorRequired => {
            "Sign the account in by hand once, or exempt it from the policy."
        }
        NoticeCode::SignInForbidden => {
            "Unblock the account there, and look at what guests may do; then sign it in again."
        }
        NoticeCode::GuestsForbidden => {
            "Allow inviting guests in the external collaboration settings, or pair them in \
             another way."
        }
        NoticeCode::GuestAddressIsOwn => {
            "Import people, and pair them with their own account there or in another way."
        }
        NoticeCode::ConversationWidened => {
            "Look who joined and ask them to leave; the relay goes on in a fresh conversation."
        }
        NoticeCode::PromptUndeliverable => "Look at the delivery in Activity, then ask them again.",
        NoticeCode::PreflightFindings => "Open Platforms and look at what the check has found.",
        NoticeCode::CredentialEnds => {
            "Make a new certificate or secret in the app registration, and connect again with it."
        }
        NoticeCode::LoopStopped => {
            "Look for another bridge between the same two places, and take these two people out of \
             one of them."
        }
        NoticeCode::RestoredFromBackup => {
            "Make sure that the hub of before never starts again, look at who must sign in again \
             (`causeway restore`), then resume."
        }
    }
}

fn link(look: &Look, side: &Side, code: NoticeCode) -> Option<String> {
    if code != NoticeCode::AdministratorConsentNeeded {
        return None;
    }
    let connector = look.connector(side.connection)?;
    let url = connector.sign_in()?.tenant_consent_url(None, STATE)?;
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_again_by_its_word_and_no_other_is() {
        for code in NoticeCode::ALL {
            assert_eq!(NoticeCode::from_word(code.word()), Some(code));
            let json = serde_json::to_value(code).expect("a word");
            assert_eq!(json, code.word());
        }
        assert_eq!(NoticeCode::from_word("from_the_future"), None);
    }

    #[test]
    fn every_notice_says_where_whom_it_is_about_and_the_one_thing_to_do() {
        for code in NoticeCode::ALL {
            for person in [Some("Hana Sato"), None] {
                let said = message(code, person, "Acme, Inc. (Microsoft Teams)");
                assert!(said.contains("Acme, Inc. (Microsoft Teams)"), "{said}");
                assert!(said.ends_with('.'));
                assert!(!action(code).is_empty());
            }
        }
        assert_eq!(
            message(
                NoticeCode::GuestsForbidden,
                Some("Hana Sato"),
                "Acme, Inc. (Microsoft Teams)"
            ),
            "Acme, Inc. (Microsoft Teams) does not allow guests: Hana Sato cannot be represented by \
             one."
        );
    }
}
