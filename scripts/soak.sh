#!/usr/bin/env bash
# Tries the simulation, the kills and the power cuts as often as asked, and nothing else, and ends
# with what they came to. A failing seed is named; CAUSEWAY_FIRST_SEED=that CAUSEWAY_SEEDS=1 plays
# it again.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/tallies.sh

export CAUSEWAY_SEEDS=${SEEDS:-20000} CAUSEWAY_KILLS=${KILLS:-100} CAUSEWAY_CUTS=${CUTS:-2000}
printf 'soak: %s seeds, %s kills in each story, %s power cuts\n' \
    "$CAUSEWAY_SEEDS" "$CAUSEWAY_KILLS" "$CAUSEWAY_CUTS"

try_all() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --profile soak \
            -E 'test(/^chance::/) | test(/^consent_chance::/) | test(kills) | test(power)'
    else
        cargo test --workspace --no-fail-fast -- chance:: kills power
    fi
}

with_tallies try_all
