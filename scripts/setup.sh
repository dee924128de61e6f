#!/usr/bin/env bash
# Installs what building (`setup.sh build`) or testing (`setup.sh test`) needs, and only what is
# missing. Made for Debian 12 with cargo and Node.js; on another system it names the packages.
set -euo pipefail
cd "$(dirname "$0")/.."

to_build=(
    build-essential pkg-config perl      # SQLCipher builds its own OpenSSL with perl and make
    libwebkit2gtk-4.1-dev                # the desktop's web view
    libayatana-appindicator3-1           # loaded at run time: without it the tray cannot start
    xdg-utils desktop-file-utils         # the causeway:// scheme is registered with them
)
to_test=(
    xvfb webkit2gtk-driver dbus          # the desktop is driven on its own display and bus
    gnome-keyring libsecret-tools        # a keychain for the database key
    libglib2.0-bin
    chromium fonts-dejavu-core           # the pages are driven in a browser
)

main() {
    case "${1:-}" in
        build) packages=("${to_build[@]}") ;;
        test) packages=("${to_build[@]}" "${to_test[@]}") ;;
        *) fail "usage: scripts/setup.sh build|test" ;;
    esac
    need_cargo
    need_node
    install_packages
    install_ui
}

say() { printf 'setup: %s\n' "$*"; }

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

need_cargo() {
    command -v cargo >/dev/null || fail "cargo is missing: install Rust ($(rust_version) or newer) with rustup."
    say "$(cargo --version)"
}

rust_version() { sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml; }

need_node() {
    local found major
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        fail "node or npm is missing: install Node.js 20 or newer (Debian 12 itself has only 18)."
    fi
    found=$(node --version)
    major=${found#v}
    major=${major%%.*}
    ((major >= 20)) || fail "Node.js $found is too old: install 20 or newer (Debian 12 itself has only 18)."
    say "node $found"
}

install_packages() {
    local missing as_root=()
    if ! command -v dpkg-query >/dev/null; then
        say "no dpkg here. Make sure that you have what Debian calls: ${packages[*]}"
        return
    fi
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} == 0)); then
        say "all ${#packages[@]} system packages are there"
        return
    fi
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "these packages are missing; install them as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

missing_packages() {
    local package
    for package in "${packages[@]}"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            printf '%s\n' "$package"
    done
}

# `npm ci` refuses a lock file that leaves out optional packages made for other systems, which a
# registry need not carry; `npm install --no-save` keeps to the lock and does not change it.
# The stamp lies in node_modules, so that whoever removes that folder removes the stamp too.
install_ui() {
    local stamp=ui/node_modules/.installed-lock want
    want=$(cat ui/package.json ui/package-lock.json | sha256sum)
    if [[ -f $stamp && $(<"$stamp") == "$want" ]]; then
        say "ui packages are up to date"
        return
    fi
    say "installing ui packages"
    (cd ui && npm install --no-save --no-audit --no-fund --loglevel=error)
    printf '%s\n' "$want" >"$stamp"
}

main "$@"
