//! From stored settings to connectors.

use std::sync::Arc;

use causeway_connectors::{
    Connector, TokenVault,
    listener::Listener,
    slack::SlackConnector,
    teams::{ClientCertificate, TeamsConnector},
    webex::WebexConnector,
    zoom::ZoomConnector,
};
use causeway_model::{Clock, Connection, Failure, FailureKind, Platform, Random};
use causeway_store::ConnectionRow;

use crate::secrets::{
    CHATBOT_SECRET, CLIENT_CERTIFICATE, CLIENT_SECRET, GUEST_ISSUER_SECRET, SIGNING_SECRET,
    Secrets, USER_APP_SECRET,
};

/// Makes the connector of a connection. A parameter, so that the relay can run on models of
/// platforms as well.
pub trait BuildConnector: Send + Sync {
    /// # Errors
    /// When the stored settings do not fit.
    fn build(&self, wiring: Wiring) -> Result<Arc<dyn Connector>, Failure>;
}

/// What a connector is made from.
pub struct Wiring {
    pub connection: ConnectionRow,
    pub secrets: Secrets,
    pub vault: Arc<dyn TokenVault>,
}

/// The real platforms.
pub struct Platforms {
    pub http: causeway_connectors::http::Client,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Where notifications come in, if the hub has such a place.
    pub listener: Option<Listener>,
}

impl BuildConnector for Platforms {
    fn build(&self, wiring: Wiring) -> Result<Arc<dyn Connector>, Failure> {
        let Wiring {
            connection,
            secrets,
            vault,
        } = wiring;
        let clock = Arc::clone(&self.clock);
        let random = Arc::clone(&self.random);
        match connection.connection.platform {
            Platform::Slack => {
                let mut settings: causeway_connectors::slack::Settings =
                    read_settings(&connection)?;
                settings.client_secret = secrets.get(CLIENT_SECRET);
                settings.signing_secret = secrets.get(SIGNING_SECRET);
                let slack = SlackConnector::new(settings, self.http.clone(), vault, clock, random);
                Ok(Arc::new(match self.mount(&connection) {
                    Some((listener, name)) => slack.reached_at(listener, name),
                    None => slack,
                }))
            }
            Platform::Teams => {
                let mut settings: causeway_connectors::teams::Settings =
                    read_settings(&connection)?;
                settings.client_secret = secrets.get(CLIENT_SECRET);
                settings.certificate = secrets
                    .get(CLIENT_CERTIFICATE)
                    .map(|kept| ClientCertificate::read(&kept))
                    .transpose()?;
                let mount = self.mount(&connection);
                let connector =
                    TeamsConnector::new(settings, self.http.clone(), vault, clock, random, mount)?;
                Ok(Arc::new(connector))
            }
            Platform::Webex => {
                let mut settings: causeway_connectors::webex::Settings =
                    read_settings(&connection)?;
                settings.client_secret = secrets.get(CLIENT_SECRET);
                settings.guest_issuer_secret = secrets.get(GUEST_ISSUER_SECRET);
                let mount = self.mount(&connection);
                let connector =
                    WebexConnector::new(settings, self.http.clone(), vault, clock, random, mount)?;
                Ok(Arc::new(connector))
            }
            Platform::Zoom => {
                let mut settings: causeway_connectors::zoom::Settings = read_settings(&connection)?;
                settings.client_secret = secrets.get(CLIENT_SECRET);
                settings.chatbot_secret = secrets.get(CHATBOT_SECRET);
                settings.signing_secret = secrets.get(SIGNING_SECRET);
                settings.user_app_secret = secrets.get(USER_APP_SECRET);
                let mount = self.mount(&connection);
                let connector =
                    ZoomConnector::new(settings, self.http.clone(), vault, clock, random, mount)?;
                Ok(Arc::new(connector))
            }
        }
    }
}

impl Platforms {
    /// Where the platform reaches the hub, if it does.
    fn mount(&self, connection: &ConnectionRow) -> Option<(Listener, String)> {
        let listener = self.listener.clone()?;
        Some((listener, mount_name(&connection.connection)))
    }
}

/// Where a connection's platform reaches the hub, below `/hooks/`.
#[must_use]
pub fn mount_name(connection: &Connection) -> String {
    format!("{}-{}", connection.platform.word(), connection.id)
}

fn read_settings<T: serde::de::DeserializeOwned>(connection: &ConnectionRow) -> Result<T, Failure> {
    serde_json::from_value(connection.settings["connector"].clone()).map_err(|_| {
        Failure::new(
            FailureKind::Rejected,
            "bad_settings",
            connection.connection.platform.word(),
        )
    })
}
