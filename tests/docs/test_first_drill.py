"""docs/first-drill.md, done as it says: Portkey's real gateway, a front door that is no LLM API."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from gameday.catalog.files import load_target
from gameday.supervisor.child import Child
from gameday.supervisor.ports import free_ports
from lab.model_version import HERON, MARLIN
from tests.gameday.injector.rig import until

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "first-drill.md").read_text()
EXAMPLE = ROOT / "docs" / "examples" / "first-drill"
FRONT_DOOR = next(
    block
    for block in re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL)
    if block.startswith("front_door:")
)
PORTKEY = ROOT / ".tools" / "portkey"
SERVER = PORTKEY / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
SHORT = ["load.rate=5/s", "windows.baseline=8s", "windows.faulted=10s"]


def gameday(*argv, cwd, env=None):
    return subprocess.run(
        [str(Path(sys.executable).parent / "gameday"), *argv], cwd=cwd, text=True,
        capture_output=True, timeout=200, check=False, env={**os.environ, **(env or {})},
    )  # fmt: skip


def first_files(folder, port, providers=()):
    """Step 2: `gameday init` and the edits that the guide asks for; `desk` in `folder`."""
    shutil.copytree(EXAMPLE, folder / "first-drill")
    argv = ["init", "--from", "first-drill/portkey.json", "--endpoint"]
    more = ["--dialect", "template", "--name", "help-desk", "--out", "desk"]
    shown = f"gameday {' '.join(argv)} http://127.0.0.1:8000/ask {' '.join(more)}"
    assert shown in GUIDE
    done = gameday(*argv, f"http://127.0.0.1:{port}/ask", *more, cwd=folder)
    assert done.returncode == 0, done.stderr
    desk = folder / "desk"
    target = (desk / "gameday.yaml").read_text()
    target = re.sub(r"front_door:\n  dialect.*?(?=synthetic:)", FRONT_DOOR, target, flags=re.DOTALL)
    target = target.replace("suite: suite.yaml", "suite: ../first-drill/questions.yaml")
    (desk / "gameday.yaml").write_text(target)
    usual = ("https://api.openai.com", "https://api.anthropic.com")
    gate = (desk / "gate.yaml").read_text()
    for before, after in zip(usual, providers, strict=False):
        assert before in gate
        gate = gate.replace(before, after)
    for port, mine in zip((8471, 8481, 8482), free_ports(3), strict=True):
        gate = gate.replace(f":{port}", f":{mine}")
    (desk / "gate.yaml").write_text(gate)
    return desk


def test_the_files_that_the_guide_leads_to_can_be_planned(tmp_path):
    desk = first_files(tmp_path, 9)
    target = load_target(desk / "gameday.yaml")
    assert target.front_door.answer.served_by == "by"
    assert set(target.providers) == {"primary", "secondary"}
    planned = gameday("plan", "first-drill", cwd=desk)
    assert planned.returncode == 0, planned.stderr
    assert "every check can decide" in planned.stdout


@contextmanager
def running(name, argv, folder, url, **env):
    child = Child(name, [str(word) for word in argv], log=folder / f"{name}.log")
    child.start(env)
    try:
        until(lambda: answers(url), f"{name} answers; see {folder / name}.log", within_s=60)
        yield child
    finally:
        child.stop()


def answers(url):
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code < 600
    except httpx.HTTPError:
        return False


def provider(port, dialect, model):
    served = HERON.name if dialect == "openai" else MARLIN.name
    renamed = {"models": [served], "renamed": {model: served}}
    settings = {"port": port, "dialect": dialect, "seed": 1, **renamed}
    return [sys.executable, "-m", "lab.provider", json.dumps(settings)]


@pytest.fixture
def system(tmp_path):
    """Everything of steps 1 to 4 that runs; gives the desk's folder, and how to start its door."""
    if not SERVER.exists():
        script = ROOT / "scripts" / "install_portkey.sh"
        subprocess.run(["bash", str(script), str(PORTKEY)], check=True, timeout=300)
    door, portkey, openai, anthropic, injector, temporal = free_ports(6)
    url = "http://127.0.0.1:{}".format
    with ExitStack() as stack:
        started = [
            ("openai", provider(openai, "openai", "gpt-4.1-mini"), url(openai)),
            ("anthropic", provider(anthropic, "anthropic", "claude-haiku-4-5"), url(anthropic)),
            ("portkey", ["node", SERVER, "--headless", f"--port={portkey}"], url(portkey)),
        ]
        for name, argv, at in started:
            stack.enter_context(running(name, argv, tmp_path, at))
        desk = first_files(tmp_path, door, (url(openai), url(anthropic)))
        target = desk / "gameday.yaml"
        target.write_text(target.read_text().replace(":8470", f":{injector}"))
        fill_twin(desk)
        argv = [Path(sys.executable).parent / "gameday", "up", "--target", target, "--policy",
                desk / "policy.yaml", "--gate", desk / "gate.yaml", "--temporal-port", temporal,
                "--injector-port", injector, "--state", desk / ".gameday",
                "--runs", desk / "runs"]  # fmt: skip
        stack.enter_context(running("up", argv, tmp_path, f"{url(injector)}/health"))
        until((desk / ".gameday" / "stack.json").exists, "the stack is up", within_s=60)

        def front_door():
            argv = [sys.executable, EXAMPLE / "front_door.py", door, desk / "portkey-filled.json"]
            return running("door", argv, tmp_path, url(door), PORTKEY_URL=url(portkey))

        yield desk, front_door


def fill_twin(desk):
    """Step 3: what `gameday twin` and `envsubst` make."""
    argv = ["twin", "../first-drill/portkey.json", "--gate", "gate.yaml"]
    argv += ["--out", "portkey-twin.json"]
    assert f"gameday {' '.join(argv)}" in GUIDE
    done = gameday(*argv, cwd=desk)
    assert done.returncode == 0, done.stderr
    text = (desk / "portkey-twin.json").read_text()
    for variable in ("GAMEDAY_TWIN_OPENAI_API_KEY", "GAMEDAY_TWIN_ANTHROPIC_API_KEY"):
        assert f"${{{variable}}}" in text
        assert variable in GUIDE
        text = text.replace(f"${{{variable}}}", "a-key-of-its-own")
    (desk / "portkey-filled.json").write_text(text)


def run_drill(desk):
    sets = [word for one in SHORT for word in ("--set", one)]
    done = gameday("run", "first-drill", "--json", *sets, cwd=desk)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def held(document):
    return {check["kind"]: check["held"] for check in document["checks"]}


@pytest.mark.matrix
@pytest.mark.timeout(300)
@pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="node and npm are not here"
)
def test_the_guide_from_its_beginning_to_its_end(system):
    desk, front_door = system
    with front_door():
        examined = gameday("doctor", "--json", cwd=desk)
        document = json.loads(examined.stdout)
        assert examined.returncode == 0, document
        looks = {look["name"]: look for look in document["looks"]}
        assert looks["gate"]["sentence"].endswith("at primary, with its mark")
        assert looks["who served"]["sentence"].startswith("primary, model gpt-4.1-mini")
        ready = [drill["command"] for drill in document["drills"] if not drill["needs"]]
        assert "gameday run first-drill" in ready
        code, document = run_drill(desk)
        assert code == 0, document["reason"]
        assert held(document) == {"slo": "yes", "fallback": "yes", "recovered_within": "yes"}
    filled = desk / "portkey-filled.json"
    config = json.loads(filled.read_text())
    config["strategy"]["on_status_codes"].remove(429)
    filled.write_text(json.dumps(config))
    with front_door():
        code, document = run_drill(desk)
        assert code == 1, document["reason"]
        assert held(document) == {"slo": "no", "fallback": "no", "recovered_within": "yes"}
        assert "nobody got an answer" in document["reason"]
