//! The app through which the account signs in that the hub itself reads or speaks as.

use causeway_connectors::TokenOwner;
use causeway_model::Platform;
use serde_json::{Value, json};

use super::connect::{checked_url, required, with_slash};
use crate::api::HubError;

/// An app at one of the platforms that have such an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServiceApp {
    /// The service account speaks through it.
    Teams(TeamsApp),
    /// The organisation's administrator reads through it.
    Webex(WebexApp),
}

impl ServiceApp {
    pub(super) fn platform(&self) -> Platform {
        match self {
            Self::Teams(_) => Platform::Teams,
            Self::Webex(_) => Platform::Webex,
        }
    }

    /// The connector's settings, of a connector that signs this account in.
    pub(super) fn settings(&self, account: &str) -> Value {
        match self {
            Self::Teams(app) => app.settings(account),
            Self::Webex(app) => app.settings(),
        }
    }

    /// Under whose name its token is kept.
    pub(super) fn owner(&self) -> TokenOwner {
        match self {
            Self::Teams(_) => TokenOwner::App,
            Self::Webex(_) => TokenOwner::AppLevel,
        }
    }

    /// Who tells who has signed in.
    pub(super) fn teller(&self) -> &'static str {
        match self {
            Self::Teams(_) => "Microsoft Graph",
            Self::Webex(_) => "Webex",
        }
    }
}

/// An integration of a Webex organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebexApp {
    api_url: String,
    client_id: String,
    /// Instead of by the organisation's events: less is asked of the administrator then.
    hear_by_sockets: bool,
}

impl WebexApp {
    /// What an administrator gave; Webex's own address where they gave none.
    pub(super) fn checked(
        api_url: Option<String>,
        client_id: &str,
        hear_by_sockets: bool,
    ) -> Result<Self, HubError> {
        let api = api_url.unwrap_or_else(|| "https://webexapis.com/v1/".to_owned());
        Ok(Self {
            api_url: with_slash(&checked_url(&api)?),
            client_id: required(client_id.to_owned(), "integration's client id")?,
            hear_by_sockets,
        })
    }

    pub(super) fn hears_by_sockets(&self) -> bool {
        self.hear_by_sockets
    }

    /// The connector's settings.
    pub(super) fn settings(&self) -> Value {
        let mut settings = json!({ "api_url": self.api_url, "client_id": self.client_id });
        if self.hear_by_sockets {
            settings["hear"] = json!("sockets");
        }
        settings
    }
}

/// An app registration at a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TeamsApp {
    graph_url: String,
    login_url: String,
    tenant: String,
    client_id: String,
}

impl TeamsApp {
    /// What an administrator gave; Microsoft's own addresses where they gave none.
    pub(super) fn checked(
        graph_url: Option<String>,
        login_url: Option<String>,
        tenant: &str,
        client_id: &str,
    ) -> Result<Self, HubError> {
        let graph = graph_url.unwrap_or_else(|| "https://graph.microsoft.com/v1.0".to_owned());
        let login = login_url.unwrap_or_else(|| "https://login.microsoftonline.com".to_owned());
        Ok(Self {
            graph_url: checked_url(&graph)?,
            login_url: checked_url(&login)?,
            tenant: required(tenant.to_owned(), "tenant")?,
            client_id: required(client_id.to_owned(), "client id")?,
        })
    }

    /// The connector's settings.
    pub(super) fn settings(&self, service_account: &str) -> Value {
        json!({
            "graph_url": self.graph_url,
            "login_url": self.login_url,
            "tenant": self.tenant,
            "client_id": self.client_id,
            "service_account": service_account,
        })
    }
}

#[cfg(test)]
impl ServiceApp {
    pub(crate) fn for_test(tenant: &str) -> Self {
        Self::Teams(TeamsApp {
            graph_url: "https://graph.example/v1.0".to_owned(),
            login_url: "https://login.example".to_owned(),
            tenant: tenant.to_owned(),
            client_id: "c".to_owned(),
        })
    }
}
