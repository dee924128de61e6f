//! How a connected platform is used, apart from its credentials.

use causeway_model::{Platform, capability};
use causeway_store::StoreError;
use serde_json::{Value, json};

use super::{connect::connected, status::connection_view};
use crate::{
    Hub,
    api::{ConnectionView, ErrorCode, GuestSignIn, HubError, TuneConnection},
    error::{failed, from_engine},
};

pub(crate) async fn tune_connection(
    hub: &Hub,
    args: TuneConnection,
) -> Result<ConnectionView, HubError> {
    check(&args)?;
    let platform = args.platform;
    let row = connected(hub, platform).await?;
    let id = row.connection.id;
    hub.write(move |tx| {
        let row = tx
            .connection(id)?
            .ok_or(StoreError::NotFound("connection"))?;
        let mut settings = row.settings;
        let tuning = Tuning::of(Some(&settings)).with(&args);
        tuning.write(platform, &mut settings);
        tx.update_connection_settings(id, &settings)?;
        for (address, password) in &args.guest_passwords {
            tx.put_secret(id, &password_name(address), password)?;
        }
        Ok(())
    })
    .await?;
    hub.engine
        .reload(id)
        .await
        .map_err(|error| from_engine(&error))?;
    connection_view(hub, id).await
}

/// Decisions about a connection that renewed credentials do not change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tuning {
    /// How many times faster than ours the platform's clock runs.
    pace: Option<u64>,
    /// How a guest's token is had, in order.
    guest_sign_in: Option<Value>,
}

impl Tuning {
    pub(super) fn of(settings: Option<&Value>) -> Self {
        let Some(settings) = settings else {
            return Self::default();
        };
        Self {
            pace: settings["pace"].as_u64(),
            guest_sign_in: settings.get("guest_sign_in").cloned(),
        }
    }

    fn with(self, args: &TuneConnection) -> Self {
        let words = |ways: &Vec<GuestSignIn>| {
            let words: Vec<_> = ways.iter().map(|way| way.word()).collect();
            json!(words)
        };
        Self {
            pace: args.pace.map(u64::from).or(self.pace),
            guest_sign_in: args
                .guest_sign_in
                .as_ref()
                .map(words)
                .or(self.guest_sign_in),
        }
    }

    /// The same with another pace, where one is given.
    pub(super) fn paced(self, pace: Option<u32>) -> Self {
        Self {
            pace: pace.map(u64::from).or(self.pace),
            ..self
        }
    }

    pub(super) fn pace(&self) -> u64 {
        self.pace.unwrap_or(1).max(1)
    }

    /// The engine reads both; a poll follows the platform's clock by itself.
    pub(super) fn write(&self, platform: Platform, settings: &mut Value) {
        if let Some(pace) = self.pace {
            settings["pace"] = json!(pace);
            if polls(platform) {
                settings["connector"]["pace"] = json!(pace);
            }
        }
        if has_guests(platform) {
            settings["guest_sign_in"] = self
                .guest_sign_in
                .clone()
                .unwrap_or_else(|| json!([GuestSignIn::Administrator.word()]));
        }
    }
}

fn check(args: &TuneConnection) -> Result<(), HubError> {
    if args.pace == Some(0) {
        return Err(failed(
            ErrorCode::InvalidArgument,
            "A clock that stands still is no pace.",
        )
        .action("Give 1 or more.")
        .build());
    }
    let about_guests = args.guest_sign_in.is_some() || !args.guest_passwords.is_empty();
    if about_guests && !has_guests(args.platform) {
        return Err(failed(
            ErrorCode::InvalidArgument,
            format!(
                "The hub makes no guest accounts on {}.",
                args.platform.name()
            ),
        )
        .build());
    }
    let empty =
        |(address, password): (&String, &String)| address.trim().is_empty() || password.is_empty();
    if args.guest_passwords.iter().any(empty) {
        return Err(failed(
            ErrorCode::InvalidArgument,
            "A guest's password needs an address and a password.",
        )
        .build());
    }
    Ok(())
}

/// Where a guest's password is kept among the connection's secrets.
fn password_name(address: &str) -> String {
    format!("guest_password:{}", address.trim().to_lowercase())
}

/// Whether its connector polls, and so keeps time with the platform.
fn polls(platform: Platform) -> bool {
    match platform {
        Platform::Teams | Platform::Webex | Platform::Zoom => true,
        Platform::Slack => false,
    }
}

fn has_guests(platform: Platform) -> bool {
    capability::of(platform).guests
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn args(pace: Option<u32>, guest_sign_in: Option<Vec<GuestSignIn>>) -> TuneConnection {
        TuneConnection {
            platform: Platform::Teams,
            pace,
            guest_sign_in,
            guest_passwords: BTreeMap::new(),
        }
    }

    fn written(tuning: &Tuning, platform: Platform) -> Value {
        let mut settings = json!({ "connector": { "tenant": "acme" } });
        tuning.write(platform, &mut settings);
        settings
    }

    #[test]
    fn a_guest_is_signed_in_by_the_administrator_unless_something_else_is_chosen() {
        let plain = written(&Tuning::default(), Platform::Teams);
        assert_eq!(plain["guest_sign_in"], json!(["administrator"]));
        assert_eq!(plain.get("pace"), None);
        assert!(
            written(&Tuning::default(), Platform::Slack)
                .get("guest_sign_in")
                .is_none()
        );
    }

    #[test]
    fn what_was_tuned_survives_new_credentials_and_what_is_not_given_stays() {
        let ways = vec![GuestSignIn::Password, GuestSignIn::Administrator];
        let tuned = Tuning::default().with(&args(Some(20), Some(ways)));
        let stored = written(&tuned, Platform::Teams);
        assert_eq!(stored["pace"], 20);
        assert_eq!(stored["connector"]["pace"], 20);
        let again = Tuning::of(Some(&stored)).with(&args(None, None));
        assert_eq!(written(&again, Platform::Teams), stored);
        assert!(
            written(&tuned, Platform::Slack)["connector"]
                .get("pace")
                .is_none()
        );
    }

    #[test]
    fn a_password_is_found_whatever_the_case_of_its_address() {
        assert_eq!(
            password_name(" Hana@Acme.example"),
            "guest_password:hana@acme.example"
        );
    }
}
