//! The app registration that a Teams connection goes through.

use serde_json::{Value, json};

use super::connect::{checked_url, required};
use crate::api::HubError;

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

    #[cfg(test)]
    pub(crate) fn for_test(tenant: &str) -> Self {
        Self {
            graph_url: "https://graph.example/v1.0".to_owned(),
            login_url: "https://login.example".to_owned(),
            tenant: tenant.to_owned(),
            client_id: "c".to_owned(),
        }
    }
}
