#!/usr/bin/env bash
# Builds for release and measures the relay: `scripts/bench.sh --quick`, `scripts/bench.sh --json`;
# docs/bench.md says what the figures mean.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release -p causeway-cli
exec "${CARGO_TARGET_DIR:-target}"/release/causeway bench "$@"
