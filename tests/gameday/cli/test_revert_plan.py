"""`gameday ledger plan`: from the ledger's lines and a watch's ticks to what is put back first."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from gameday.cli.main import main
from gameday.domain.component import Version, version_of
from gameday.domain.ledger import Entry
from gameday.domain.reference import About, Reference
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.sketch import sketch_of
from gameday.domain.tick import Heard, Tick
from gameday.domain.watch import Watch
from gameday.store.ledger import Ledger
from gameday.store.references import References
from gameday.store.watches import Watches
from tests.gameday.checks.staged import sample

TARGET = """
target: shop
environments: {staging: {injector: "http://127.0.0.1:1", front_door: "http://127.0.0.1:2"}}
providers: {primary: {dialect: openai}}
suite: suite.yaml
components:
  corpus: {backend: files, folder: corpus, user_cost: medium}
  prompt: {backend: command, read: [cat, prompt], change: [tee, prompt, "{{to}}"]}
"""
SUITE = """
suite: shop
cases: [{case: one, question: "How long?", scorers: [{kind: contains, any: ["30 days"]}]}]
"""
GROUPS = ("retrieval", "short", "long", "tool")
NOW = datetime.now(UTC)
OLD = ("Refunds take 14 days.", "A refund takes 14 days.")


def said(case, bad, seed):
    texts = ("I cannot say that.", "Ask our team.") if bad else OLD
    return sketch_of(random.Random(seed).choice(texts) + case)


def answers(count, *, bad=""):
    """Answers to twenty cases, five of each group."""
    made = []
    for seq in range(count):
        group = GROUPS[seq % 4]
        case, wrong = f"{group}-{seq % 20}", group == bad
        sketch = said(case, wrong, seq)
        own = {"case": case, "case_group": group, "sketch": sketch, "quality": float(not wrong)}
        made.append(sample(seq, NOW - timedelta(days=2), **own))
    return made


def tick(number, bad):
    at = NOW - timedelta(minutes=60 - number)
    heard = (
        Heard(
            case=one.case, group=one.case_group, rotating=True, outcome=Outcome.OK,
            sketch=one.sketch, quality=one.quality, tokens=5, ended_at=at,
        )
        for one in answers(20 * (number + 1), bad=bad)[-20:]
    )  # fmt: skip
    return Tick(tick=f"t{number}", at=at, reference="r", heard=tuple(heard))


def line(folder, hours_ago, **labels):
    components = {
        name: one if isinstance(one, Version) else version_of(one) for name, one in labels.items()
    }
    at = NOW - timedelta(hours=hours_ago)
    entry = Entry(
        target="shop", environment="staging", at=at, by="ledger record", components=components
    )
    Ledger(folder / ".gameday").add(entry, f"line {hours_ago}")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Three components changed in the last day; the corpus by Eva."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gameday.yaml").write_text(TARGET)
    (tmp_path / "suite.yaml").write_text(SUITE)
    line(tmp_path, 30, corpus="tree 1", prompt="v3", tools="t1")
    corpus = version_of("tree 2").model_copy(update={"by": "Eva"})
    line(tmp_path, 1, corpus=corpus, prompt="v4", tools="t1")
    return tmp_path


def watched(folder, bad):
    state = folder / ".gameday"
    about = About(
        target="shop", environment="staging", suite="shop", suite_digest="x", recorded_by="me",
        recorded_at=NOW - timedelta(days=2), expires_at=NOW + timedelta(days=9),
    )  # fmt: skip
    References(state).keep(Reference.of(Samples.of(answers(600)), about))
    watch, watches = (
        Watch(target="shop", environment="staging", target_file=str(folder / "gameday.yaml")),
        Watches(state),
    )
    watches.put(watch)
    for number in range(6):
        watches.keep(watch, tick(number, bad), lambda standing, _: (standing, ()))


def planned(capsys, *words):
    code = main(["ledger", "plan", "--since", "24h", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_corpus_is_put_back_where_only_what_is_looked_up_is_worse(shop, capsys):
    watched(shop, bad="retrieval")
    code, out, _ = planned(capsys)
    lines = out.splitlines()
    assert code == 0
    assert lines[1] == (
        "  put back one after the other; measure after each, and stop as soon as the answers are "
        "INSIDE"
    )
    assert lines[2].startswith("  1  corpus, from tree 1 to tree 2 before ")
    assert lines[2].endswith(" UTC by Eva")
    assert lines[3].startswith("     likely (")
    assert "shows in retrieval questions (evidence " in lines[3]
    assert lines[4].startswith("  leave prompt, from v3 to v4 before ")
    assert lines[4].endswith(
        "short questions and tool questions, whose answers are as good as before"
    )
    assert "tools" not in out


def test_machines_get_one_document(shop, capsys):
    watched(shop, bad="retrieval")
    document = json.loads(planned(capsys, "--json")[1])
    assert [one["changed"]["component"] for one in document["steps"]] == ["corpus"]
    assert [one["changed"]["component"] for one in document["left"]] == ["prompt"]
    assert (document["target"], document["unexplained"]) == ("shop", [])


def test_where_all_is_well_nothing_is_put_back(shop, capsys):
    watched(shop, bad="")
    out = planned(capsys)[1]
    assert "nothing is to be put back" in out
    assert "nothing shows that the answers to any group of questions are worse" in out


def test_without_a_watch_nobody_knows_what_is_worse(shop, capsys):
    code, out, _ = planned(capsys)
    assert code == 0
    assert "nothing is to be put back" in out
    assert out.splitlines()[-1] == (
        "  nobody has asked it since then; ask it with  gameday watch once"
    )


def test_a_ledger_without_a_line_says_how_to_begin(shop, capsys, tmp_path):
    code, _, error = planned(capsys, "--state", str(tmp_path / "elsewhere"))
    assert code == 2
    assert "has no line of shop/staging" in error
