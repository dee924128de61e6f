#!/usr/bin/env bash
# Builds for release and measures the desktop: its lists in a browser, its window on a display of its
# own. `BENCH_BUILT=1` measures what is built already; docs/bench.md says what the figures mean.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${BENCH_BUILT:-} != 1 ]]; then
    (cd ui && npm run build)
    cargo build --release -p causeway-desktop
fi

CAUSEWAY_DESKTOP=${CAUSEWAY_DESKTOP:-${CARGO_TARGET_DIR:-$PWD/target}/release/causeway-desktop}
export CAUSEWAY_DESKTOP
cd ui
exec npx vitest run --config vitest.bench.config.ts
