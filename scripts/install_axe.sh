#!/usr/bin/env bash
# Installs axe-core below FOLDER, for the tests of what people look at.
# Usage: install_axe.sh FOLDER
set -euo pipefail
folder=$1
mkdir -p "$folder"
cat > "$folder/package.json" <<'JSON'
{
  "private": true,
  "dependencies": {"axe-core": "4.14.1"}
}
JSON
npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --silent
