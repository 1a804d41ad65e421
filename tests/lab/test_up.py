"""The lab as real processes: its files, its fallback over a real Toxiproxy, and its end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from ruamel.yaml import YAML

from gameday.domain.drill import Scope
from gameday.domain.gate_config import GateConfig
from gameday.domain.policy import Policy
from gameday.domain.target import Target
from lab.files import LabState
from tests.lab.practice_lab import (
    START_S,
    RunningLab,
    StartLab,
    alive,
    read_events,
    up_command,
    wait_until,
)

GROWTH = "How much does the Growth plan cost a month?"


def every_pid(state: LabState) -> list[int]:
    return [state.pid, *state.pids.values()]


def wait_until_gone(pids: list[int]) -> None:
    wait_until(lambda: not any(alive(pid) for pid in pids), within_s=10)


def test_the_files_it_writes_are_what_gameday_reads(lab: RunningLab) -> None:
    read = YAML(typ="safe").load
    target = Target.model_validate(read(Path(lab.state.target_file)))
    policy = Policy.model_validate(read(Path(lab.state.policy_file)))
    assert target.environments["lab"].front_door == lab.state.front_door
    assert target.providers["primary"].request_log == lab.state.providers["primary"].log
    objective = target.slos.get("latency_p95")
    assert objective is not None
    assert objective.at_most == 1.0
    assert Path(target.suite).is_file()
    assert policy.allow[0].on == "provider/*"
    gate = GateConfig.model_validate(read(Path(lab.state.gate_file)))
    places = [one for some in target.places.values() for one in some.values()]
    assert {one.gate for one in places} == set(gate.listeners)
    token = Path(lab.state.gate_file).with_name("gate.token")
    assert token.stat().st_mode & 0o777 == 0o600
    text = Path(lab.state.target_file).read_text()
    assert not [line for line in text.splitlines() if " &" in line or " *" in line or "!!" in line]


def test_a_whole_answer_says_who_served_and_what_it_took(lab: RunningLab) -> None:
    answer = lab.ask(GROWTH)
    assert answer.status_code == 200
    assert answer.headers["x-served-by"] == "primary"
    assert answer.headers["x-attempts"].startswith("primary;outcome=ok;ms=")
    assert answer.headers["x-assistant-version"].startswith("support-v3+corpus-")
    body = answer.json()
    assert "59 euro" in body["choices"][0]["message"]["content"]
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["model"] == "heron-4"
    assert body["system_fingerprint"].startswith("fp_")
    entry = lab.log("primary")[answer.headers["x-request-id"]]
    assert entry["outcome"] == "ok"
    assert entry["tokens_in"] == body["usage"]["prompt_tokens"] > 0
    assert entry["tokens_out"] == body["usage"]["completion_tokens"] > 0


def test_a_stream_ends_with_its_reason_its_usage_and_done(lab: RunningLab) -> None:
    url = f"{lab.state.front_door}/chat/completions"
    body = {"stream": True, "messages": [{"role": "user", "content": GROWTH}]}
    headers = {"x-request-id": "chosen-by-the-client"}
    with lab.http.stream("POST", url, json=body, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-request-id"] == "chosen-by-the-client"
        lines = list(answer.iter_lines())
    events = read_events(lines)
    pieces = [event["choices"][0]["delta"].get("content", "") for event in events[:-1]]
    assert len([piece for piece in pieces if piece]) > 3
    assert "59 euro" in "".join(pieces)
    assert events[-2]["choices"][0]["finish_reason"] == "stop"
    assert events[-1]["choices"] == []
    assert events[-1]["usage"]["completion_tokens"] > 0
    assert [line for line in lines if line][-1] == "data: [DONE]"
    assert lab.log("primary")["chosen-by-the-client"]["outcome"] == "ok"


def test_requests_go_over_toxiproxy_and_the_gate(lab: RunningLab) -> None:
    gate = GateConfig.model_validate(YAML(typ="safe").load(Path(lab.state.gate_file)))
    proxies = lab.http.get(f"{lab.state.toxiproxy}/proxies").json()
    for name, provider in lab.state.providers.items():
        assert proxies[name]["upstream"] == gate.listeners[name].listen
        assert gate.listeners[name].upstream == provider.url


def test_the_tool_and_the_verifier_are_asked_through_the_gate(lab: RunningLab) -> None:
    """For a client's request, and under its id."""
    renamed = {"how": "renamed", "field": "status", "to": "state"}
    lab.put_rule("orders", "tool_contract_change", **renamed)
    answer = lab.ask("What is the status of order TW-1042?")
    assert "on its way" not in answer.text
    assert answer.headers["x-served-by"] == "primary"
    assert lab.clear_rules().request_ids == (answer.headers["x-request-id"],)
    assert "on its way" in lab.ask("What is the status of order TW-1042?").text
    lab.put_rule("policy", "verifier_fault", how="down")
    unverified = lab.ask(GROWTH)
    assert unverified.headers["x-served-by"] == "assistant"
    assert "our safety check is not available" in unverified.text
    assert lab.clear_rules().request_ids == (unverified.headers["x-request-id"],)
    assert "59 euro" in lab.ask(GROWTH).text


def test_a_marked_request_is_told_apart_at_the_gate(lab: RunningLab) -> None:
    lab.watch("practice")
    lab.ask(GROWTH, marker="practice.one")
    lab.ask(GROWTH)
    wait_until(lambda: len(lab.calls("practice")) == 2)
    marked, unmarked = lab.calls("practice")
    assert (marked.provider, marked.run_id, marked.request_id) == ("primary", "practice", "one")
    assert (marked.status, marked.whole) == (200, True)
    assert unmarked.run_id == ""


def test_a_fault_for_marked_requests_leaves_others_alone(lab: RunningLab) -> None:
    lab.put_rule("primary", "content_filter", Scope.MARKED)
    filtered = lab.ask(GROWTH, marker="practice.one")
    assert filtered.headers["x-attempts"].startswith("primary;outcome=ok;ms=")
    assert filtered.json()["choices"][0]["finish_reason"] == "content_filter"
    assert "59 euro" in lab.ask(GROWTH).text


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("quota_exhausted", {}),
        ("rate_limit", {"retry_after": "60s"}),
        ("http_error", {"status": 503, "body": "html"}),
        ("auth_masks_outage", {}),
        ("model_retired", {}),
        ("slow_tokens", {"gap_ms": 2000}),
        ("slow_first_token", {"latency_ms": 2000}),
        ("stream_cut", {"after_tokens": 1}),
        ("html_in_200", {}),
        ("error_in_200", {}),
        ("empty_choices", {}),
        ("body_empty", {}),
    ],
)
def test_a_fault_in_the_providers_own_words_goes_on_to_the_secondary(
    lab: RunningLab, kind: str, settings: dict[str, object]
) -> None:
    lab.put_rule("primary", kind, **settings)
    answer = lab.ask(GROWTH)
    assert answer.status_code == 200
    assert answer.headers["x-served-by"] == "secondary", answer.headers["x-attempts"]
    assert "primary" in answer.headers["x-attempts"]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("stream_cut", {"after_tokens": 3, "how": "rst"}),
        ("stream_cut", {"after_tokens": 3, "how": "fin"}),
        ("stream_cut", {"after_tokens": 3, "how": "clean"}),
        ("stream_stall", {"after_tokens": 3}),
        ("stream_error_event", {"after_tokens": 3}),
        ("stream_bad_event", {"after_tokens": 3}),
    ],
)
def test_a_fault_amid_an_answer_of_either_provider_is_a_cut(
    lab: RunningLab, kind: str, settings: dict[str, object]
) -> None:
    lab.put_rule("primary", kind, **settings)
    answer = lab.ask(GROWTH)
    assert answer.status_code == 502
    assert answer.headers["x-attempts"].startswith("primary;outcome=cut;ms=")
    assert "secondary" not in answer.headers["x-attempts"]
    lab.put_rule("secondary", kind, **settings)
    lab.set_proxy("primary", enabled=False)
    # Not at once: the cuts of earlier tests may have left the secondary alone for a moment.
    wait_until(lambda: "secondary;outcome=cut;ms=" in lab.ask(GROWTH).headers["x-attempts"])


def test_a_question_about_an_order_is_answered_by_the_tool(lab: RunningLab) -> None:
    answer = lab.ask("What is the status of order TW-1105?").json()
    assert "held at customs" in answer["choices"][0]["message"]["content"]
    unknown = lab.ask("What is the status of order TW-9999?").json()
    assert "no order" in unknown["choices"][0]["message"]["content"]


def test_a_request_that_is_no_question_is_refused(lab: RunningLab) -> None:
    url = f"{lab.state.front_door}/chat/completions"
    assert lab.http.post(url, content=b"{").status_code == 400
    answer = lab.http.post(url, json={"messages": []})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_when_the_primary_is_refused_the_secondary_answers_at_once(lab: RunningLab) -> None:
    lab.set_proxy("primary", enabled=False)
    began = time.monotonic()
    answer = lab.ask(GROWTH)
    first_event_s = answer.elapsed.total_seconds()
    assert answer.headers["x-served-by"] == "secondary"
    first, second = answer.headers["x-attempts"].split(", ")
    assert first.startswith("primary;outcome=refused;ms=")
    assert second.startswith("secondary;outcome=ok;ms=")
    assert answer.json()["model"] == "marlin-3-2026-06"
    assert answer.headers["x-request-id"] in lab.log("secondary")
    assert answer.headers["x-request-id"] not in lab.log("primary")
    # The lab's slow tokens take most of this; the way to the secondary takes a fifth of it.
    assert min(first_event_s, time.monotonic() - began) < 3.0


def test_while_the_primary_is_down_it_is_still_tried_now_and_then(lab: RunningLab) -> None:
    lab.set_proxy("primary", enabled=False)
    tried: list[bool] = []
    wait_until(
        lambda: tried.append("primary" in lab.ask(GROWTH).headers["x-attempts"]) or len(tried) == 8
    )
    assert sum(tried) >= 4
    lab.set_proxy("primary", enabled=True)
    wait_until(lambda: lab.ask(GROWTH).headers["x-served-by"] == "primary")


@pytest.mark.parametrize(
    ("toxic", "outcome"),
    [
        ({"type": "reset_peer", "attributes": {"timeout": 0}}, "reset"),
        ({"type": "timeout", "attributes": {"timeout": 0}}, "timeout"),
        ({"type": "latency", "attributes": {"latency": 3000}}, "timeout"),
    ],
)
def test_a_fault_on_a_pooled_connection_goes_on_to_the_secondary(
    lab: RunningLab, toxic: dict[str, object], outcome: str
) -> None:
    lab.ask(GROWTH)  # leaves a pooled connection behind
    lab.add_toxic("primary", name="fault", **toxic)
    answer = lab.ask(GROWTH)
    assert answer.status_code == 200
    assert answer.headers["x-served-by"] == "secondary"
    assert answer.headers["x-attempts"].startswith(f"primary;outcome={outcome};ms=")


def test_a_stream_that_is_cut_is_never_made_up_to_a_success(lab: RunningLab) -> None:
    url = f"{lab.state.front_door}/chat/completions"
    body = {"stream": True, "messages": [{"role": "user", "content": GROWTH}]}
    lines: list[str] = []
    with lab.http.stream("POST", url, json=body) as answer:
        arriving = answer.iter_lines()
        lines.append(next(arriving))
        lab.set_proxy("primary", enabled=False)
        with pytest.raises(httpx.RemoteProtocolError):
            lines.extend(arriving)
        request_id = answer.headers["x-request-id"]
    assert "data: [DONE]" not in lines
    events = read_events(lines)
    assert events[-1]["error"]["code"] == "answer_cut"
    assert not any((event.get("choices") or [{}])[0].get("finish_reason") for event in events)
    wait_until(lambda: request_id in lab.log("primary"))
    assert lab.log("primary")[request_id]["outcome"] == "cut"
    assert request_id not in lab.log("secondary")


def test_a_client_that_leaves_takes_its_request_to_the_provider_with_it(lab: RunningLab) -> None:
    url = f"{lab.state.front_door}/chat/completions"
    body = {"stream": True, "messages": [{"role": "user", "content": GROWTH}]}
    with lab.http.stream("POST", url, json=body) as answer:
        next(answer.iter_lines())
        request_id = answer.headers["x-request-id"]
    wait_until(lambda: request_id in lab.log("primary"))
    assert lab.log("primary")[request_id]["outcome"] == "cut"


def test_when_nobody_answers_it_says_so_in_the_front_doors_dialect(lab: RunningLab) -> None:
    lab.set_proxy("primary", enabled=False)
    lab.set_proxy("secondary", enabled=False)
    answer = lab.ask(GROWTH, stream=True)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["error"]["code"] == "no_provider_answered"
    outcomes = [part.partition(";ms=")[0] for part in answer.headers["x-attempts"].split(", ")]
    assert outcomes == ["primary;outcome=refused", "secondary;outcome=refused"]
    assert "x-served-by" not in answer.headers


def test_sigterm_ends_everything_even_with_an_open_stream(start_lab: StartLab) -> None:
    lab = start_lab("--tokens-per-s", "10")
    url = f"{lab.state.front_door}/chat/completions"
    body = {"stream": True, "messages": [{"role": "user", "content": GROWTH}]}
    with lab.http.stream("POST", url, json=body) as answer:
        next(answer.iter_lines())
        lab.process.send_signal(signal.SIGTERM)
        wait_until_gone(every_pid(lab.state))
    assert lab.process.wait(5) == 0
    assert not Path(lab.state.target_file).with_name("lab.json").exists()


@pytest.mark.parametrize("options", [(), ("--alerts",)], ids=["plain", "watched"])
def test_nothing_is_left_when_the_supervisor_is_killed(
    start_lab: StartLab, options: tuple[str, ...]
) -> None:
    lab = start_lab(*options)
    assert ("alertmanager" in lab.state.pids) is bool(options)
    lab.process.kill()
    wait_until_gone(list(lab.state.pids.values()))


def test_it_leaves_with_its_parent(tmp_path: Path) -> None:
    script = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    command = [sys.executable, "-c", script, *up_command(tmp_path)]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    file = tmp_path / "lab.json"
    wait_until(file.exists, within_s=START_S)
    state = LabState.model_validate_json(file.read_text())
    parent.kill()
    parent.wait()
    wait_until_gone(every_pid(state))


def refused(tmp_path: Path, *options: str, env: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        up_command(tmp_path, *options),
        capture_output=True,
        text=True,
        timeout=START_S,
        env={**os.environ, **(env or {})},
        check=False,
    )
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "lab.json").exists()
    return ran.stderr


@pytest.mark.parametrize("option", ["--port", "--toxiproxy-port"])
def test_a_taken_port_is_one_clear_sentence(tmp_path: Path, option: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert f"port {port}" in refused(tmp_path, option, str(port))


def test_a_missing_toxiproxy_is_one_clear_sentence(tmp_path: Path) -> None:
    env = {"GAMEDAY_TOXIPROXY_SERVER": str(tmp_path / "nowhere")}
    assert "toxiproxy could not be started" in refused(tmp_path, env=env)


def test_an_unknown_defect_names_the_known_ones(tmp_path: Path) -> None:
    assert "no_fallback, slow_fallback" in refused(tmp_path, "--defect", "gremlins")


def test_defect_no_fallback(start_lab: StartLab) -> None:
    lab = start_lab("--defect", "no_fallback")
    lab.set_proxy("primary", enabled=False)
    for _ in range(5):
        answer = lab.ask(GROWTH)
        assert answer.status_code == 503
        assert answer.headers["x-attempts"].partition(";ms=")[0] in ("primary;outcome=refused", "")


@pytest.mark.parametrize("seconds", [1.5, 2.5])
def test_defect_slow_fallback_holds_the_first_answers_back(
    start_lab: StartLab, seconds: float
) -> None:
    lab = start_lab("--defect", f"slow_fallback={seconds}s")
    lab.set_proxy("primary", enabled=False)
    slow = lab.ask(GROWTH)
    assert slow.headers["x-served-by"] == "secondary"
    assert seconds <= slow.elapsed.total_seconds() < seconds + 1.5
    assert lab.ask(GROWTH).elapsed.total_seconds() < seconds


def test_defect_degraded_fallback(start_lab: StartLab) -> None:
    lab = start_lab("--defect", "degraded_fallback=1")
    assert "59 euro" in lab.ask(GROWTH).text
    lab.set_proxy("primary", enabled=False)
    answer = lab.ask(GROWTH)
    assert answer.headers["x-served-by"] == "secondary"
    assert "59 euro" not in answer.text


def test_defect_expensive_fallback(start_lab: StartLab) -> None:
    lab = start_lab("--defect", "expensive_fallback=3x")
    lab.set_proxy("primary", enabled=False)
    model = lab.ask(GROWTH).json()["model"]
    prices = YAML(typ="safe").load(Path(lab.state.target_file))["prices"]
    healthy = prices["marlin-3-2026-06"]
    for kind in ("input_usd_per_mtok", "output_usd_per_mtok"):
        assert prices[model][kind] == pytest.approx(3 * healthy[kind])


def test_defect_never_fails_back(start_lab: StartLab) -> None:
    lab = start_lab("--defect", "never_fails_back")
    assert lab.ask(GROWTH).headers["x-served-by"] == "primary"
    lab.set_proxy("primary", enabled=False)
    for _ in range(4):
        lab.ask(GROWTH)
    lab.set_proxy("primary", enabled=True)
    until = time.monotonic() + 2.0  # a healthy lab is back within half a second
    while time.monotonic() < until:
        assert lab.ask(GROWTH).headers["x-attempts"].startswith("secondary;")


def test_defect_lies_about_server(start_lab: StartLab) -> None:
    lab = start_lab("--defect", "lies_about_server")
    lab.set_proxy("primary", enabled=False)
    answer = lab.ask(GROWTH)
    assert answer.headers["x-served-by"] == "secondary"
    assert ", secondary;outcome=ok;ms=" in answer.headers["x-attempts"]
    assert answer.json()["model"] == "marlin-3-2026-06"
    assert "59 euro" in answer.text
    assert lab.log("secondary") == {}


def test_defect_dead_primary(start_lab: StartLab) -> None:
    lab = start_lab("--defect", "dead_primary")
    assert "primary" not in lab.state.pids
    proxies = lab.http.get(f"{lab.state.toxiproxy}/proxies").json()
    assert proxies["primary"]["enabled"]
    answer = lab.ask(GROWTH)
    assert answer.headers["x-served-by"] == "secondary"
    assert answer.headers["x-attempts"].startswith("primary;outcome=http_error;")
    assert json.loads(answer.text)["usage"]["total_tokens"] > 0


def test_the_primary_is_asked_for_what_stands_behind_the_alias(lab: RunningLab) -> None:
    admin = lab.state.front_door.removesuffix("/v1") + "/admin"
    before = lab.ask(GROWTH)
    assert before.headers["x-assistant-version"].endswith("+heron-4")
    assert before.json()["model"] == "heron-4"
    served = lab.log("primary")[before.headers["x-request-id"]]
    assert served["model"] == "heron-4-2026-08"  # which the floating name stands for
    lab.http.put(f"{admin}/aliases/answers", json={"model": "heron-4-2026-09"}).raise_for_status()
    after = [lab.ask(GROWTH) for _ in range(4)]  # both replicas
    lab.http.put(f"{admin}/aliases/answers", json={"model": "heron-4"}).raise_for_status()
    assert {answer.json()["model"] for answer in after} == {"heron-4-2026-09"}
    assert {answer.headers["x-served-by"] for answer in after} == {"primary"}
    assert lab.ask(GROWTH).json()["model"] == "heron-4"


def test_without_a_warm_standby_the_dated_model_is_gone(start_lab: StartLab) -> None:
    for options, status in ((), 200), (("--defect", "no_warm_standby"), 404):
        lab = start_lab(*options)
        admin = lab.state.front_door.removesuffix("/v1") + "/admin"
        assert lab.http.get(f"{admin}/models/heron-4-2026-08").status_code == status
        assert lab.ask(GROWTH).headers["x-served-by"] == "primary"
