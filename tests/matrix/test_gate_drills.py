"""Each drill of the HTTP fault gate: passes on the healthy lab, and finds the defect it is for."""

from pathlib import Path

import pytest

from tests.matrix.command import WINDOWS, Ended, run_drill

# Both providers fail there, so only the few requests that try one again wait long enough to leave.
LEAVING = ("windows.baseline=8s", "windows.faulted=20s", WINDOWS[2])
DRILLS = {
    "quota-exhausted": WINDOWS,
    "rate-limited": WINDOWS,
    "brownout": WINDOWS,
    "some-users-fail": ("windows.baseline=25s", "windows.faulted=25s", WINDOWS[2]),
    "stream-cut": WINDOWS,
    "slow-tokens": WINDOWS,
    "noisy-neighbour": WINDOWS,
    "provider-and-fallback-down": LEAVING,
    "auth-masks-outage": WINDOWS,
}
# Answers that were held back come all at once when the fault goes. At half the rate, and among
# more requests, that moment does not make the load generator late as a whole.
PILED_UP = (
    "load.rate=10/s",
    "windows.baseline=22s",
    "windows.faulted=22s",
    "windows.recovered=25s",
)
REPETITIONS = 5


def passes(ended: Ended, drill: str) -> None:
    assert ended.code == 0, ended.sentences
    assert ended.document["verdict"] == "passed"
    for fault in ended.document["faults"]:
        assert fault["evidence"]["felt"], f"{drill}: {fault}"
        assert fault["cleared_by"] == "restore"


@pytest.mark.matrix
@pytest.mark.timeout(240)
@pytest.mark.parametrize("drill", DRILLS)
def test_a_healthy_lab_passes(tmp_path: Path, drill: str):
    passes(run_drill(tmp_path, drill, *DRILLS[drill]), drill)


@pytest.mark.soak
@pytest.mark.timeout(240)
@pytest.mark.parametrize("repetition", range(REPETITIONS))
@pytest.mark.parametrize("drill", DRILLS)
def test_a_healthy_lab_passes_again(tmp_path: Path, drill: str, repetition: int):
    passes(run_drill(tmp_path, drill, *DRILLS[drill]), f"{drill}, run {repetition}")


@pytest.mark.matrix
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("drill", "defect", "check"),
    [
        ("quota-exhausted", "retries_unretryable", "amplification"),
        ("rate-limited", "ignores_retry_after", "amplification"),
        ("rate-limited", "waits_for_retry_after", "fallback"),
        ("brownout", "breaker_never_closes", "fails_back"),
        ("stream-cut", "fabricates_stream_end", "complete_answers"),
        ("slow-tokens", "no_deadline", "deadline"),
        # Fewer tries than the defect's own: a small machine drowns in more, and then the load
        # generator is late and nothing can be judged.
        ("noisy-neighbour", "retry_storm=3", "amplification"),
        ("provider-and-fallback-down", "retry_storm=3", "amplification"),
        ("provider-and-fallback-down", "zombie_calls", "zombie_calls"),
        ("provider-and-fallback-down", "no_deadline", "deadline"),
        ("auth-masks-outage", "retries_unretryable", "amplification"),
    ],
)
def test_a_defect_fails_by_the_check_that_names_it(
    tmp_path: Path, drill: str, defect: str, check: str
):
    piles_up = (drill, defect) == ("slow-tokens", "no_deadline")
    sets = PILED_UP if piles_up else DRILLS[drill]
    ended = run_drill(tmp_path, drill, *sets, defect=defect)
    assert ended.code == 1, ended.sentences
    assert ended.document["verdict"] == "failed"
    assert check in ended.noes, ended.sentences
    for fault in ended.document["faults"]:
        assert fault["evidence"]["felt"], fault
