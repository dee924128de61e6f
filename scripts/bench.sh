#!/usr/bin/env bash
# Plays the demo's story with several seeds on a release build and prints how long each took, from
# an empty data folder to the last message seen.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release -p causeway-cli

TIMEFORMAT='%R s'
for seed in 1 2 3 4 5; do
    printf 'seed %s: ' "$seed"
    time target/release/causeway demo --seed "$seed" >/dev/null
done
