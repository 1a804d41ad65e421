"""The layers hold, and every package has one."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def test_the_contracts_hold():
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_top_level_package_is_under_a_contract():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages == set(CONTRACTS["root_packages"])


def test_nothing_imports_the_worker():
    """It is the composition root: import-linter knows packages only, so this is asked here."""
    for package in CONTRACTS["root_packages"]:
        for path in (ROOT / package).rglob("*.py"):
            assert "import worker" not in path.read_text(), path


def test_only_some_parts_speak_to_the_network():
    clients = ("import httpx", "import requests", "from toxiproxy")
    allowed = {
        "components",
        "probes",
        "sources",
        "injector",
        "identity",
        "serve",
        "activities",
        "lab",
    }
    for path in (*(ROOT / "gameday").rglob("*.py"), *(ROOT / "activities").rglob("*.py")):
        if any(client in path.read_text() for client in clients):
            assert allowed & set(path.relative_to(ROOT).parts), path
