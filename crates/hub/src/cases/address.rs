//! Where the hub is reached from outside.

use std::net::SocketAddr;

use causeway_connectors::{http, self_call::call_itself};
use causeway_engine::mount_name;
use causeway_model::Platform;
use causeway_store::ConnectionRow;

use super::connect::{checked_url, hears_by_requests};
use crate::{
    Hub,
    address::Stored,
    api::{AddressCheck, AddressInUse, AddressView, ErrorCode, HubError, RequestUrl, SetAddress},
    error::failed,
};

/// The pages of a Slack app's settings, and the place that each is given.
const SLACK_PAGES: [(&str, &str); 3] = [
    ("Event Subscriptions", "events"),
    ("Slash Commands", "commands"),
    ("Interactivity & Shortcuts", "interactive"),
];

const ZOOM_PAGES: [(&str, &str); 1] = [("Event notification endpoint URL", "events")];

pub(crate) async fn address(hub: &Hub) -> Result<AddressView, HubError> {
    let stored = hub.read(Stored::read).await?;
    view(hub, stored).await
}

pub(crate) async fn set_address(hub: &Hub, args: SetAddress) -> Result<AddressView, HubError> {
    let stored = checked(args)?;
    let kept = stored.clone();
    hub.write(move |tx| kept.write(tx)).await?;
    view(hub, stored).await
}

pub(crate) async fn check_address(hub: &Hub) -> Result<AddressCheck, HubError> {
    let (Some(listener), Some(public)) = (&hub.reached.listener, &hub.reached.public_url) else {
        return Err(failed(
            ErrorCode::InvalidArgument,
            "This relay has no public address that could be called.",
        )
        .action("Settle one, and start Causeway again.")
        .build());
    };
    let client = http::client().map_err(|error| {
        failed(ErrorCode::Internal, "The network cannot be used.")
            .hint(error.to_string())
            .build()
    })?;
    let word = format!("{:032x}", hub.engine.random().bits());
    let called = call_itself(listener, &client, word).await;
    Ok(match called {
        Ok(()) => AddressCheck {
            reached: true,
            words: format!("The hub is reached under {public}."),
        },
        Err(failure) => AddressCheck {
            reached: false,
            words: format!(
                "The hub does not reach itself under {public} ({}). Look whether the proxy or \
                 tunnel forwards that address to {}.",
                failure.code,
                listener.local_address()
            ),
        },
    })
}

async fn view(hub: &Hub, stored: Stored) -> Result<AddressView, HubError> {
    let rows = hub.read(|reader| reader.connections()).await?;
    let reached = &hub.reached;
    let in_use = reached.listener.as_ref().zip(reached.from);
    let in_use = in_use.map(|(listener, from)| AddressInUse {
        listen: listener.local_address().to_string(),
        public_url: reached.public_url.clone(),
        from,
    });
    let same = match &in_use {
        Some(used) => {
            stored.listen.as_ref() == Some(&used.listen) && stored.public_url == used.public_url
        }
        None => stored.listen.is_none(),
    };
    let public = reached.public_url.as_ref().or(stored.public_url.as_ref());
    let request_urls = public.map(|public| {
        let urls = rows.iter().flat_map(|row| request_urls(row, public));
        urls.collect()
    });
    Ok(AddressView {
        request_urls: request_urls.unwrap_or_default(),
        listen: stored.listen,
        public_url: stored.public_url,
        in_use,
        waits_for_start: !same,
        problem: reached.problem.clone(),
    })
}

/// Where a platform has to send what happens, as its app's pages ask for it; nothing where the hub
/// fetches it, or tells the platform itself.
fn request_urls(row: &ConnectionRow, public: &str) -> Vec<RequestUrl> {
    let platform = row.connection.platform;
    let pages = match (platform, hears_by_requests(row)) {
        (Platform::Slack, true) => SLACK_PAGES.as_slice(),
        (Platform::Zoom, true) => ZOOM_PAGES.as_slice(),
        (Platform::Slack | Platform::Zoom, false) | (Platform::Teams | Platform::Webex, _) => &[],
    };
    let name = mount_name(&row.connection);
    let url = |(page, place): &(&str, &str)| RequestUrl {
        platform,
        page: (*page).to_owned(),
        url: format!("{public}/hooks/{name}/{place}"),
    };
    pages.iter().map(url).collect()
}

fn checked(args: SetAddress) -> Result<Stored, HubError> {
    let given = |text: Option<String>| text.map(|text| text.trim().to_owned());
    let listen = given(args.listen).filter(|text| !text.is_empty());
    let public_url = given(args.public_url).filter(|text| !text.is_empty());
    if let Some(listen) = &listen
        && listen.parse::<SocketAddr>().is_err()
    {
        return Err(failed(
            ErrorCode::InvalidArgument,
            "The listening address is an IP address and a port.",
        )
        .action("Give it as 127.0.0.1:8420.")
        .build());
    }
    if public_url.is_some() && listen.is_none() {
        return Err(failed(
            ErrorCode::InvalidArgument,
            "A public address leads to a listening address, which is missing.",
        )
        .action("Give the address that your proxy or tunnel forwards to.")
        .build());
    }
    Ok(Stored {
        listen,
        public_url: match public_url {
            Some(url) => Some(checked_url(&url)?.trim_end_matches('/').to_owned()),
            None => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(listen: &str, public_url: &str) -> Result<Stored, HubError> {
        checked(SetAddress {
            listen: Some(listen.to_owned()),
            public_url: Some(public_url.to_owned()),
        })
    }

    #[test]
    fn an_address_is_kept_only_where_it_can_be_used() {
        assert_eq!(set(" ", "").ok(), Some(Stored::default()));
        let kept = set(" 127.0.0.1:8420 ", "https://hub.acme.example/").ok();
        assert_eq!(
            kept,
            Some(Stored {
                listen: Some("127.0.0.1:8420".to_owned()),
                public_url: Some("https://hub.acme.example".to_owned()),
            })
        );
        assert!(set("8420", "").is_err());
        assert!(set("", "https://hub.acme.example").is_err());
        assert!(set("127.0.0.1:8420", "http://hub.acme.example").is_err());
    }
}
