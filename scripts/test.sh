#!/usr/bin/env bash
# Every test: the UI's units, its pages in a browser, then all Rust tests.
set -euo pipefail
cd "$(dirname "$0")/.."

main() {
    (
        cd ui
        npm run build
        npm test
        npm run test:pages
    )
    # Only the test runner builds: after a `cargo build` it would compile a third of the crates
    # again, because features unify differently.
    if cargo nextest --version >/dev/null 2>&1; then
        if has_doctests; then
            cargo test --workspace --doc
        fi
        cargo nextest run --workspace --no-fail-fast
    else
        cargo test --workspace --no-fail-fast
    fi
}

# nextest leaves documentation tests out.
has_doctests() { grep -rqE --include='*.rs' '^ *//[/!] *```' crates src-tauri; }

main "$@"
