#!/usr/bin/env bash
# Every test: the UI's units, its pages in a browser, then all Rust tests; ends with what simulation,
# consent, kills and power cuts came to.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/tallies.sh

main() {
    (
        cd ui
        npm run build
        npm test
        npm run test:pages
    )
    # Only the test runner builds: after a `cargo build` it would compile a third of the crates
    # again, because features unify differently.
    if has_nextest && has_doctests; then
        cargo test --workspace --doc
    fi
    with_tallies rust_tests
}

rust_tests() {
    if has_nextest; then
        cargo nextest run --workspace --no-fail-fast
    else
        cargo test --workspace --no-fail-fast
    fi
}

has_nextest() { cargo nextest --version >/dev/null 2>&1; }

# nextest leaves documentation tests out.
has_doctests() { grep -rqE --include='*.rs' '^ *//[/!] *```' crates src-tauri; }

main "$@"
