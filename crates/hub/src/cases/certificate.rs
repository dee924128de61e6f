//! What an administrator takes to the platforms' consoles: a certificate, a manifest.

use causeway_connectors::{Secret, slack, teams::ClientCertificate};
use causeway_engine::CLIENT_CERTIFICATE;
use causeway_model::{ConnectionId, Platform};
use causeway_store::{Reader, StoreError, Tx};

use crate::{
    Hub,
    api::{CertificateView, ErrorCode, HubError, SlackManifestView},
    error::{failed, from_failure},
};

/// Where a certificate is kept until a connection is made with it.
const MADE: &str = "certificate_made";
const SLACK_CONSOLE: &str = "https://api.slack.com/apps?new_app=1";
/// Where the apps that there are stand.
pub(super) const SLACK_CONSOLE_APPS: &str = "https://api.slack.com/apps";

pub(crate) async fn make_certificate(hub: &Hub) -> Result<CertificateView, HubError> {
    let now = hub.engine.clock().now();
    // Finding primes takes a while.
    let made = tokio::task::spawn_blocking(move || ClientCertificate::make(now)).await;
    let made = made
        .map_err(|_| unmade())?
        .map_err(|failure| from_failure(&failure, "The certificate"))?;
    let kept = made.kept();
    hub.write(move |tx| tx.meta_set(MADE, kept.reveal()))
        .await?;
    Ok(view(&made))
}

/// The certificate that was made last and is not in use yet; else the one that is in use, with which
/// a tenant is connected again.
pub(super) async fn for_connecting(hub: &Hub) -> Result<Secret, HubError> {
    let kept = hub
        .read(|reader| {
            if let Some(made) = reader.meta_get(MADE)? {
                return Ok(Some(made));
            }
            let rows = reader.connections()?;
            let teams = rows
                .iter()
                .find(|row| row.connection.platform == Platform::Teams);
            match teams {
                Some(row) => reader.secret(row.connection.id, CLIENT_CERTIFICATE),
                None => Ok(None),
            }
        })
        .await?;
    kept.map(Secret::new).ok_or_else(|| {
        failed(ErrorCode::NotFound, "No certificate was made yet.")
            .action("Make one, upload it to the app registration, and connect again.")
            .build()
    })
}

/// It is in use from now on.
pub(super) fn taken(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.meta_remove(MADE)
}

/// The certificate of a connection, where it proves itself by one.
pub(super) fn of_connection(
    reader: &Reader<'_>,
    connection: ConnectionId,
) -> Result<Option<ClientCertificate>, StoreError> {
    let kept = reader.secret(connection, CLIENT_CERTIFICATE)?;
    Ok(kept.and_then(|kept| ClientCertificate::read(&Secret::new(kept)).ok()))
}

pub(crate) fn slack_manifest() -> SlackManifestView {
    SlackManifestView {
        manifest: slack::MANIFEST.to_owned(),
        console: SLACK_CONSOLE.to_owned(),
    }
}

fn view(made: &ClientCertificate) -> CertificateView {
    CertificateView {
        pem: made.public_pem(),
        thumbprint: made.thumbprint(),
        not_after: made.not_after(),
    }
}

fn unmade() -> HubError {
    failed(ErrorCode::Internal, "The certificate could not be made.")
        .action("Try again.")
        .build()
}
