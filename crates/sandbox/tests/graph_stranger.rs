//! Graph and Entra held against Microsoft's own client.

mod graph_support;

use std::process::Stdio;

use graph_support::Sandbox;
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, process::Command};

/// `CAUSEWAY_GRAPH_SDK_PYTHON` names a Python that has msgraph-sdk and azure-identity.
#[tokio::test]
#[ignore = "needs Microsoft's Graph SDK for Python"]
async fn microsofts_own_client_finds_everything_as_it_should_be() {
    let sandbox = Sandbox::start().await;
    let description = json!({
        "graph": sandbox.graph,
        "entra": sandbox.entra,
        "credentials": {"entra": sandbox.tenant.credentials()},
    });
    let python =
        std::env::var("CAUSEWAY_GRAPH_SDK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/strangers/graph_sdk_client.py"
    );
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a Python that starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(description.to_string().as_bytes())
        .await
        .expect("a reader");
    drop(stdin);
    assert!(child.wait().await.expect("an end").success());
}
