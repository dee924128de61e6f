#!/usr/bin/env bash
# Builds for release and runs the demo: with a display in the desktop, without one in the terminal.
set -euo pipefail
cd "$(dirname "$0")/.."

(cd ui && npm run build)

if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
    cargo build --release -p causeway-cli -p causeway-desktop
    exec "${CARGO_TARGET_DIR:-target}"/release/causeway demo --window
fi
cargo build --release -p causeway-cli
exec "${CARGO_TARGET_DIR:-target}"/release/causeway demo
