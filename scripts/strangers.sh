#!/usr/bin/env bash
# Holds the sandbox against the platforms' own clients: slack_sdk, @slack/socket-mode, Microsoft's
# Graph SDK for Python and its library for signing in, webexpythonsdk, @zoom/rivet; and the hub against
# somebody else's emulator of Slack and a strict OAuth server. They are fetched into target/strangers,
# and are no part of the tests: these must run without them. CAUSEWAY_PROGRAM names a program that is
# built already.
set -euo pipefail
cd "$(dirname "$0")/.."

place=$PWD/target/strangers
mkdir -p "$place"

# The name is another project's from 1.0 on.
emulator=emulate@0.12.2

main() {
    if [[ -z ${CAUSEWAY_PROGRAM-} ]]; then
        cargo build -p causeway-cli
        CAUSEWAY_PROGRAM=${CARGO_TARGET_DIR:-$PWD/target}/debug/causeway
    fi
    export CAUSEWAY_PROGRAM
    python_clients
    node_clients
    certificate
    meet "$place/python/bin/python" tests/strangers/slack_sdk_client.py
    meet node "$place/node/socket_mode_client.mjs"
    meet "$place/python/bin/python" tests/strangers/graph_sdk_client.py
    meet "$place/python/bin/python" tests/strangers/webex_sdk_client.py
    NODE_EXTRA_CA_CERTS=$place/tls/certificate.pem \
        meet node "$place/node/msal_client.mjs" "$place/tls/key.pem" "$place/tls/certificate.pem"
    NODE_EXTRA_CA_CERTS=$place/tls/certificate.pem \
        meet node "$place/node/zoom_rivet_client.mjs" "$place/tls/key.pem" "$place/tls/certificate.pem"
    node "$place/node/slack_emulator.mjs"
    node "$place/node/strict_oauth.mjs"
}

python_clients() {
    [[ -x $place/python/bin/python ]] || python3 -m venv "$place/python"
    "$place/python/bin/pip" install -q slack_sdk aiohttp websocket-client msgraph-sdk \
        azure-identity webexpythonsdk
}

node_clients() {
    mkdir -p "$place/node"
    (cd "$place/node" && npm install --no-audit --no-fund --loglevel=error \
        @slack/web-api @slack/socket-mode @azure/msal-node@7 @zoom/rivet@0.4 "$emulator" \
        oidc-provider@9 ws@8 ajv@8 ajv-formats@3 typescript@5)
    cp tests/strangers/*.mjs "$place/node/"
}

# For the proxies before the sandbox: msal speaks to HTTPS alone, and rivet to Zoom's own hosts.
certificate() {
    mkdir -p "$place/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,DNS:zoom.us,DNS:api.zoom.us \
        -keyout "$place/tls/key.pem" -out "$place/tls/certificate.pem" 2>/dev/null
}

# Starts a sandbox of its own for one client, which reads its description.
meet() {
    local described=$place/described
    # What the sandbox before this one said must not be taken for its own.
    rm -f "$described"
    "$CAUSEWAY_PROGRAM" --json sandbox --speed 20 >"$described" &
    local sandbox=$!
    until [[ -s $described ]]; do sleep 0.1; done
    local outcome=0
    head -n 1 "$described" | "$@" || outcome=$?
    kill "$sandbox" 2>/dev/null || true
    return "$outcome"
}

main
