#!/usr/bin/env bash
# Unpacks Debian's Prometheus and Alertmanager below FOLDER, and puts their commands into TOOLS.
# Nothing is installed and no service starts. Usage: install_prometheus.sh FOLDER TOOLS
set -euo pipefail
mkdir -p "$1" "$2"
folder=$(cd "$1" && pwd) tools=$(cd "$2" && pwd)
packages=(prometheus prometheus-alertmanager)

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "no apt-get here: Prometheus and Alertmanager are left out, and with them the drills and tests" >&2
    echo "of alerts; put prometheus and prometheus-alertmanager on PATH to have them" >&2
    exit 0
fi

cd "$folder"
# A fresh machine has no lists; only root may fetch them, and only where they are missing.
if ! apt-cache show "${packages[@]}" >/dev/null 2>&1; then
    [ "$(id -u)" -eq 0 ] || {
        echo "apt knows no ${packages[*]}, and only root may ask again: they are left out, and with them" >&2
        echo "the drills and tests of alerts; to have them run: sudo apt-get update; make setup" >&2
        exit 0
    }
    echo "fetching apt's lists" >&2
    apt-get update -qq
fi
rm -rf ./*.deb usr etc
rm -f "$tools/prometheus" "$tools/prometheus-alertmanager"
# As another user apt may not read this folder, and says so each time; it is no trouble.
apt-get download -qq "${packages[@]}" 2> >(grep -v "unsandboxed" >&2)
for package in ./*.deb; do
    dpkg-deb -x "$package" "$folder"
done
rm -f ./*.deb

# Debian's Alertmanager reads its templates from below /usr/share, wherever it lies itself. The same
# path without its first slash has the same length and means this folder, where it is then started.
# Paths that it is given must be absolute.
LC_ALL=C sed -i 's|/usr/share/prometheus/alertmanager|usr/share/prometheus/alertmanager/|g' \
    usr/bin/prometheus-alertmanager
cat > "$tools/prometheus-alertmanager" <<SH
#!/bin/sh
cd "$folder" && exec ./usr/bin/prometheus-alertmanager "\$@"
SH
chmod +x "$tools/prometheus-alertmanager"
ln -sf "$folder/usr/bin/prometheus" "$tools/prometheus"
touch .made  # where they were left out there is none, so that the next setup tries again
for package in "${packages[@]}"; do
    "$tools/$package" --version 2>&1 | head -n 1 >&2
done
