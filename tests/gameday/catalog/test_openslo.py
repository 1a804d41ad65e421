"""OpenSLO v1 files: what they mean here, and where each unsupported part is refused."""

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.catalog.files import load_target
from gameday.catalog.openslo import load_openslo
from gameday.domain.errors import FileError
from gameday.domain.slo import JsonNumber, PromQuery, Ratio, RawRatio, Slo, Threshold, Timeslices
from tests.gameday.catalog.authored import spoil, written

FILE = Path(__file__).parent / "assistant.openslo.yaml"
TEXT = FILE.read_text()
OSLO = Path(__file__).parent / "openslo"  # its README says who wrote which
PLACE = "http://prometheus.example:9090"

TARGET = """\
target: support
environments:
  staging: {injector: http://127.0.0.1:8470, front_door: https://assistant.example/chat}
providers:
  primary: {dialect: openai, gate: primary}
suite: suite.yaml
alerts: {prometheus: http://other.example:9090}
slos:
  file: slo.yaml
  availability: {at_least: 0.99}
"""


def test_what_its_own_command_writes_means_what_was_written_by_hand():
    """Its defaults filled in, its keys in its order, and what it leaves empty."""
    authored, formatted = (
        load_openslo(OSLO / f"{name}.yaml") for name in ("authored", "formatted")
    )
    assert formatted == authored
    assert list(formatted) == ["answers", "quick"]
    assert formatted["answers"].at_least == 0.995
    assert formatted["quick"].timeslices == Timeslices(length="60s", target=0.95)


def test_a_target_runs_by_what_its_own_command_writes(tmp_path):
    shutil.copy(OSLO / "formatted.yaml", tmp_path / "slo.yaml")
    (tmp_path / "gameday.yaml").write_text(TARGET)
    slos = load_target(tmp_path / "gameday.yaml").slos
    assert slos.get("answers").ratio.good.prometheus == PLACE
    assert slos.get("quick").threshold.value == 0.8


def test_every_objective_of_every_document_is_read():
    slos = load_openslo(FILE)
    ok = PromQuery(query='sum(assistant_requests_total{outcome="ok"})', prometheus=PLACE)
    answered = Ratio(
        good=ok, total=PromQuery(query="sum(assistant_requests_total)", prometheus=PLACE)
    )
    assert slos["answers-1"] == Slo(at_least=0.995, ratio=answered)
    assert slos["answers-2"] == Slo(at_least=0.99, ratio=answered)
    p95 = "histogram_quantile(0.95, sum by (le) (rate(assistant_seconds_bucket[1m])))"
    assert slos["quick"] == Slo(
        at_least=0.9,
        threshold=Threshold(metric=PromQuery(query=p95), op="lte", value=0.8),
        timeslices=Timeslices(length="60s", target=0.95),
    )
    raw = JsonNumber(url="http://stats.example/today", path="data.refused_share")
    assert slos["not-refused"] == Slo(at_least=0.98, raw_ratio=RawRatio(raw=raw, of="failure"))
    assert list(slos) == ["answers-1", "answers-2", "quick", "not-refused"]


@pytest.mark.parametrize(
    ("old", "new", "points_at", "says"),
    [
        (
            "kind: Service",
            "kind: Servise",
            "Servise",
            "unknown kind 'Servise'; did you mean 'Service'",
        ),
        (
            "apiVersion: openslo/v1\nkind: Service",
            "apiVersion: openslo.com/v2alpha\nkind: Service",
            "openslo.com/v2alpha",
            "found apiVersion 'openslo.com/v2alpha'; expected openslo/v1",
        ),
        ("  indicatorRef: answered", "  indicatorRef: answred", "answred", "no SLI 'answred'"),
        (
            "        metricSourceRef: main-prometheus\n        spec",
            "        metricSourceRef: main\n        spec",
            "main",
            "no DataSource 'main'",
        ),
        (
            "  type: Prometheus\n  conn",
            "  type: Datadog\n  conn",
            "metricSourceRef: main-prom",
            "expected Prometheus or",
        ),
        ("            type: JSON", "            type: Redshift", "Redshift", "'Redshift' is not"),
        (
            "budgetingMethod: Timeslices",
            "budgetingMethod: RatioTimeslices",
            "RatioTimeslices",
            "RatioTimeslices is not supported; expected Occurrences or Timeslices",
        ),
        (
            "      timeSliceTarget: 0.95\n",
            "      compositeWeight: 2\n",
            "2",
            "a composite SLO (compositeWeight in an objective) is not supported",
        ),
        (
            "      timeSliceTarget: 0.95\n",
            "",
            "op: lte",
            "Timeslices needs timeSliceTarget and timeSliceWindow",
        ),
        ("    - op: lte\n      value: 0.8", "    - op: lte", "op: lte", "needs op and value"),
        ("target: 0.995", "target: 1.0", "1.0", "less than 1"),
        (
            "targetPercent: 99",
            "targetPercentage: 99",
            "targetPercentage",
            "did you mean 'targetPercent'",
        ),
        (
            "    counter: true\n    good",
            "    counter: true\n    goood",
            "goood",
            "did you mean 'good'",
        ),
        ("        rawType: failure\n", "", "raw:", "raw needs rawType: success or failure"),
        ("              path: data.refused_share", "              paht: x", "paht", "'paht'"),
        ("  name: quick", "  name: answers-2", "answers-2", "duplicate objective 'answers-2'"),
        ("  name: quick", "  name: Quick", "Quick", "Quick"),
        (
            "    url: http://prom",
            "    url: prom",
            "query: sum(assistant_requests_total{",
            "expected http://",
        ),
    ],
)
def test_what_cannot_be_held_is_refused_with_its_place(tmp_path, old, new, points_at, says):
    file = written(tmp_path, spoil(TEXT, old, new), "slo.yaml")
    with pytest.raises(FileError) as caught:
        load_openslo(file)
    said = caught.value.sentence
    assert says in said
    line, column = map(int, re.match(rf"{re.escape(str(file))}:(\d+):(\d+)  ", said).groups())
    assert file.read_text().splitlines()[line - 1][column - 1 :].startswith(points_at), said
    assert caught.value.next_step
    assert "^" in caught.value.excerpt


def test_a_threshold_takes_one_objective(tmp_path):
    more = "    - op: lte\n      value: 0.5\n      target: 0.5\n      timeSliceTarget: 0.95\n"
    more += "      timeSliceWindow: 1m\n"
    text = spoil(TEXT, "      timeSliceWindow: 1m\n", f"      timeSliceWindow: 1m\n{more}")
    with pytest.raises(FileError, match="a thresholdMetric takes one objective"):
        load_openslo(written(tmp_path, text))


@pytest.mark.parametrize(
    "old", ["  alertPolicies:\n", "\n---\napiVersion: openslo/v1\nkind: Alert"]
)
def test_anchors_and_aliases_are_refused_in_every_document(tmp_path, old):
    text = TEXT.replace("name: page", "name: &page page")
    with pytest.raises(FileError, match="found anchor &page"):
        load_openslo(written(tmp_path, text))
    assert old in TEXT


def test_a_file_that_ends_in_dashes_is_no_further_document(tmp_path):
    assert load_openslo(written(tmp_path, TEXT + "---\n")) == load_openslo(FILE)


@given(
    st.integers(0, len(TEXT)), st.integers(1, 60), st.sampled_from(["", "{", "- x", "\t", "é: "])
)
@settings(max_examples=60, deadline=None)
def test_a_spoilt_file_is_read_or_refused_in_a_sentence(tmp_path_factory, start, length, new):
    file = written(tmp_path_factory.mktemp("slo"), TEXT[:start] + new + TEXT[start + length :])
    try:
        load_openslo(file)
    except FileError as error:
        said = error.sentence
    else:
        said = str(file)
    assert said.startswith(str(file))


def test_a_target_names_its_file_and_keeps_its_own(tmp_path):
    written(tmp_path, TEXT, "slo.yaml")
    target = load_target(written(tmp_path, TARGET, "gameday.yaml"))
    names = [name for name, _ in target.slos.items()]
    assert names == ["availability", "answers-1", "answers-2", "quick", "not-refused"]
    again = type(target).model_validate_json(target.model_dump_json(by_alias=True))
    assert again == target


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  file: slo.yaml", "  file: none.yaml", "does not exist"),
        (
            "  availability: {at_least: 0.99}",
            "  quick: {at_most: 1s}",
            "quick: nothing says what measures it",
        ),
        (
            "  availability: {at_least: 0.99}",
            "  quick: {at_least: 0.9, raw_ratio: {raw: {query: up}}}",
            "'quick' is stated twice",
        ),
        ("alerts: {prometheus: http://other.example:9090}\n", "", "slo quick: which Prometheus"),
        ("{at_least: 0.99}", "{at_most: 1s}", "availability takes at_least, a time takes at_most"),
    ],
)
def test_a_target_whose_objectives_do_not_fit_is_refused(tmp_path, old, new, says):
    written(tmp_path, TEXT, "slo.yaml")
    with pytest.raises(FileError, match=re.escape(says)):
        load_target(written(tmp_path, spoil(TARGET, old, new), "gameday.yaml"))
