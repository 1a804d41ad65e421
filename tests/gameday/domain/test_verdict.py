"""The verdict's precedence, against a table written by hand, over every combination."""

import itertools

import pytest

from gameday.domain.verdict import Decision, ExitCode, Held, Judgement, Stop, Verdict, decide

# From the strongest to the weakest; the first that is true gives the verdict.
TABLE = (
    ("refused", Verdict.REFUSED),
    ("dirty", Verdict.DIRTY),
    ("operator", Verdict.ABORTED),
    ("not_felt", Verdict.INCONCLUSIVE),
    ("invalid", Verdict.INCONCLUSIVE),
    ("no", Verdict.FAILED),
    ("stopped", Verdict.ABORTED),
    ("unknown", Verdict.INCONCLUSIVE),
    ("nothing judged", Verdict.INCONCLUSIVE),
)
STOPS = (None, "operator", "guard", "guardian", "lost")
ANSWERS = tuple(
    itertools.chain.from_iterable(itertools.product(Held, repeat=size) for size in range(3))
)


def judgement(held: Held, number: int = 0) -> Judgement:
    return Judgement(kind="slo", name="x", held=held, reason=f"{held} {number}")


def decided(facts: set[str], stop: str | None, answers: tuple[Held, ...]) -> Decision:
    return decide(
        [judgement(held, number) for number, held in enumerate(answers)],
        refused="refused" if "refused" in facts else "",
        dirty="dirty" if "dirty" in facts else "",
        stop=Stop(by=stop, reason="stopped") if stop else None,
        not_felt="not felt" if "not_felt" in facts else "",
        invalid="invalid" if "invalid" in facts else "",
    )


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("answers", ANSWERS, ids=lambda held: "-".join(held) or "none")
def test_precedence(stop, answers):
    for flags in itertools.product([False, True], repeat=4):
        facts = set(itertools.compress(("refused", "dirty", "not_felt", "invalid"), flags))
        true = facts | {
            *({"operator"} if stop == "operator" else set()),
            *({"stopped"} if stop not in {None, "operator"} else set()),
            *answers,
            *(set() if answers else {"nothing judged"}),
        }
        expected = next((verdict for fact, verdict in TABLE if fact in true), Verdict.PASSED)
        decision = decided(facts, stop, answers)
        assert decision.verdict is expected
        assert decision.reason


def test_passed_takes_a_check_and_every_check():
    for answers in ANSWERS:
        passed = decided(set(), None, answers).verdict is Verdict.PASSED
        assert passed == (bool(answers) and set(answers) == {Held.YES})


def test_the_reason_is_that_of_the_verdict():
    assert decided(set(), None, (Held.YES, Held.NO, Held.NO)).reason == "no 1 (and 1 more)"
    assert decided(set(), None, (Held.UNKNOWN, Held.YES)).reason == "unknown 0"
    assert decided(set(), None, ()).reason == "no check was judged"
    assert decided({"dirty"}, None, (Held.NO,)).reason == "dirty"
    assert decided(set(), "guard", (Held.YES,)).reason == "stopped"
    assert decided(set(), None, (Held.YES, Held.YES)).reason == "all 2 checks held"


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        ("passed", 0),
        ("failed", 1),
        ("inconclusive", 3),
        ("aborted", 4),
        ("dirty", 5),
        ("refused", 6),
    ],
)
def test_exit_codes(verdict, code):
    assert Decision(verdict=Verdict(verdict), reason="x").exit_code == ExitCode(code)
