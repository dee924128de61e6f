#!/usr/bin/env bash
# Holds the sandbox against the platforms' own clients: slack_sdk, @slack/socket-mode, and
# Microsoft's Graph SDK for Python. They are fetched into target/strangers, and are no part of the
# tests: these must run without them.
set -euo pipefail
cd "$(dirname "$0")/.."

place=$PWD/target/strangers
mkdir -p "$place"

main() {
    cargo build -p causeway-cli
    python_clients
    node_clients
    meet "$place/python/bin/python" tests/strangers/slack_sdk_client.py
    meet node "$place/node/socket_mode_client.mjs"
    meet "$place/python/bin/python" tests/strangers/graph_sdk_client.py
}

python_clients() {
    [[ -x $place/python/bin/python ]] || python3 -m venv "$place/python"
    "$place/python/bin/pip" install -q slack_sdk aiohttp websocket-client msgraph-sdk azure-identity
}

node_clients() {
    mkdir -p "$place/node"
    (cd "$place/node" && npm install --no-audit --no-fund --loglevel=error @slack/web-api @slack/socket-mode)
    cp tests/strangers/socket_mode_client.mjs "$place/node/"
}

# Starts a sandbox of its own for one client, which reads its description.
meet() {
    local described=$place/described
    # What the sandbox before this one said must not be taken for its own.
    rm -f "$described"
    target/debug/causeway --json sandbox --speed 20 >"$described" &
    local sandbox=$!
    until [[ -s $described ]]; do sleep 0.1; done
    local outcome=0
    head -n 1 "$described" | "$@" || outcome=$?
    kill "$sandbox" 2>/dev/null || true
    return "$outcome"
}

main
