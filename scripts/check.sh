#!/usr/bin/env bash
# The gates that run no test.
set -euo pipefail
cd "$(dirname "$0")/.."

main() {
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    (cd ui && npm run check)
    check_dependencies
}

check_dependencies() {
    cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked
    cargo deny check --hide-inclusion-graph bans licenses sources
    if ! cargo deny fetch db >/dev/null 2>&1; then
        echo "check: the advisory database cannot be fetched from here; advisories were not checked." >&2
        return
    fi
    cargo deny check --hide-inclusion-graph advisories
}

main "$@"
