#!/usr/bin/env bash
# Installs Portkey's gateway below FOLDER, for the tests against a real one.
# Usage: install_portkey.sh FOLDER
set -euo pipefail
folder=$1
mkdir -p "$folder"
# @hono/node-server is held back: with a later one every streamed answer is a 500
# (Portkey-AI/gateway#1389).
cat > "$folder/package.json" <<'JSON'
{
  "private": true,
  "dependencies": {"@portkey-ai/gateway": "1.15.2"},
  "overrides": {"@hono/node-server": "1.14.1"}
}
JSON
npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --silent
