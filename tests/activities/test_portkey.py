"""Preflight against Portkey's real gateway, which drops headers that it is not told to forward."""

import json
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gameday.catalog.gate_file import load_gate_config
from gameday.supervisor.child import Child
from gameday.supervisor.ports import free_port
from gameday.twin.gateways import make_twin
from gameday.twin.listeners import Listeners
from gameday.twin.made import Source, Wish
from tests.activities.preflight_rig import gate_and_injector, gate_line, listener_url
from tests.activities.small_gateway import Provider, SmallGateway
from tests.gameday.injector.rig import until

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(
        not (shutil.which("node") and shutil.which("npm")), reason="node and npm are not here"
    ),
]
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".tools" / "portkey"
SERVER = FOLDER / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"


@pytest.fixture(scope="module")
def portkey(tmp_path_factory):
    """Its URL; installed first where it is not yet."""
    if not SERVER.exists():
        install = [ROOT / "scripts" / "install_portkey.sh", FOLDER]
        subprocess.run(["bash", *map(str, install)], check=True, timeout=300)
    port = free_port()
    log = tmp_path_factory.mktemp("portkey") / "log"
    argv = ["node", str(SERVER), "--headless", f"--port={port}"]
    child = Child("portkey", argv, log=log)
    child.start()
    until(lambda: answers(port), f"Portkey answers; it said: {log}", within_s=60)
    yield f"http://127.0.0.1:{port}"
    child.stop()


def answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=5).status_code < 500
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    with (
        Provider() as provider,
        gate_and_injector(tmp_path_factory.mktemp("gate"), provider.url) as (gate, injector),
    ):
        yield provider, gate, injector


@contextmanager
def system(portkey, config):
    """A small system that asks Portkey with its config, and passes the drill's header on to it."""
    with SmallGateway(portkey, passes=["x-gameday"], adds={"x-portkey-config": config}) as door:
        yield f"{door.url}/v1"


def config_for(gate, **more):
    host = f"{listener_url(gate)}/v1"
    return json.dumps({"provider": "openai", "api_key": "sk-1", "custom_host": host, **more})


async def line_of(stand, tmp_path, front_door):
    _, _, injector = stand
    return await gate_line(
        tmp_path, injector, front_door, scope="marked", marker={"header": "x-gameday"}
    )


async def test_as_it_comes_it_drops_the_marker_and_the_drill_is_refused(portkey, stand, tmp_path):
    provider, gate, _ = stand
    with system(portkey, config_for(gate)) as front_door:
        line = await line_of(stand, tmp_path, front_door)
    assert provider.asked, "the request itself came through"
    assert "x-gameday" not in provider.asked[-1]
    assert not line.ok
    assert "the gate saw the preflight's request without its mark" in line.sentence
    assert "the header x-gameday is dropped on the way to the providers" in line.sentence


async def test_with_the_header_among_those_it_forwards_it_is_let_through(portkey, stand, tmp_path):
    provider, gate, _ = stand
    config = config_for(gate, forward_headers=["x-gameday"])
    with system(portkey, config) as front_door:
        line = await line_of(stand, tmp_path, front_door)
    assert provider.asked[-1]["x-gameday"].partition(".")[2].startswith("gd-")
    assert line.ok
    assert line.sentence == "the gate saw the preflight's request at primary, with its mark"


async def test_a_twin_of_its_config_is_let_through(portkey, stand, tmp_path):
    """What `gameday twin` writes is what Portkey reads."""
    provider, gate, _ = stand
    original = {
        "strategy": {"mode": "fallback"},
        "targets": [
            {"provider": "openai", "api_key": "sk-real", "custom_host": f"{provider.url}/v1"}
        ],
    }
    wish = Wish(Listeners(load_gate_config(gate.file), {"openai": "primary"}), "x-gameday")
    twin = make_twin(Source("config.json", json.dumps(original)), wish)
    filled = twin.text.replace("${GAMEDAY_TWIN_PRIMARY_KEY}", "sk-of-its-own")
    with system(portkey, json.dumps(json.loads(filled))) as front_door:  # a header is one line
        line = await line_of(stand, tmp_path, front_door)
    assert line.ok
    assert line.sentence == "the gate saw the preflight's request at primary, with its mark"
    assert provider.asked[-1]["authorization"] == "Bearer sk-of-its-own"
