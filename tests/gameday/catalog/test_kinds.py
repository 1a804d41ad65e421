"""Registries: what they find, what they refuse, and what they never import."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from gameday.catalog import kinds
from gameday.catalog.kinds import Registry, checks, faults, scorers
from gameday.domain.drill import CheckSpec, FaultSpec
from gameday.domain.errors import FileError
from gameday.domain.fault import Fault
from gameday.domain.scorer import Answered, Scorer
from gameday.domain.suite import ScorerSpec
from gameday.scorers.exact import Exact

SCORER = '''"""A scorer."""
from gameday.domain.scorer import TextScorer

class Length(TextScorer):
    """The answer is long enough.

    Further words.
    """
    least: int = 1

    def score_text(self, text: str) -> float:
        return float(len(text) >= self.least)
'''


@pytest.fixture
def package(tmp_path, monkeypatch, request):
    """A package of its own, so that what one test imports is no other's."""
    name = f"kinds_of_{abs(hash(request.node.name))}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.fixture
def installed(monkeypatch):
    """Entry points of the package's name, as another distribution would bring them."""
    points: list[EntryPoint] = []
    monkeypatch.setattr(
        kinds, "entry_points", lambda group: [one for one in points if one.group == group]
    )
    return points


def registry(folder: Path) -> Registry[ScorerSpec, Scorer]:
    return Registry("scorer", folder.name, Scorer)  # type: ignore[type-abstract]


def refusal(folder: Path) -> str:
    with pytest.raises(FileError) as told:
        registry(folder).kinds()
    assert told.value.next_step
    return told.value.sentence


def test_what_ships():
    assert {"connection_refused", "latency"} <= {kind for kind, _ in faults.kinds()}
    assert {"fallback", "slo", "envelope"} <= {kind for kind, _ in checks.kinds()}
    shipped = {"contains", "exact", "excludes", "json_schema", "regex"}
    assert shipped <= {kind for kind, _ in scorers.kinds()}


def test_a_file_is_a_kind(package):
    (package / "length.py").write_text(SCORER)
    (package / "_hidden.py").write_text("raise RuntimeError('never imported')")
    found = registry(package)
    assert [kind for kind, _ in found.kinds()] == ["length"]
    assert found.summary("length") == "The answer is long enough."
    assert (
        found.make(ScorerSpec(kind="length", settings={"least": 3})).score(Answered("abc")) == 1.0
    )


def test_what_a_file_imports_is_not_its_own(package):
    borrowed = "from gameday.scorers.exact import Exact\n" + SCORER
    (package / "length.py").write_text(
        borrowed.replace("class Length", "class _Base(Exact): ...\n\nclass Length")
    )
    assert [cls.__name__ for _, cls in registry(package).kinds()] == ["Length"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('"""Nothing."""', "exactly one public subclass of Scorer, found none"),
        (SCORER + SCORER.replace("Length", "Width"), "found Length, Width"),
        (SCORER.replace("Length", "_Length"), "found none"),
        (SCORER.replace("def score_text", "def scores"), "Length lacks score_text"),
    ],
)
def test_a_file_with_another_number_of_classes_is_named(package, source, said):
    (package / "length.py").write_text(source)
    sentence = refusal(package)
    assert sentence.startswith(f"{package / 'length.py'}: ")
    assert said in sentence


def test_entry_points(package, installed):
    installed.append(EntryPoint("same", "gameday.scorers.exact:Exact", package.name))
    installed.append(EntryPoint("other", "gameday.scorers.exact:Nope", "gameday.elsewhere"))
    assert registry(package).kinds() == [("same", Exact)]


def test_two_of_one_name_are_refused(package, installed):
    (package / "length.py").write_text(SCORER)
    installed.append(EntryPoint("length", "gameday.scorers.exact:Exact", package.name))
    assert refusal(package).startswith("two scorers are called 'length'; the second is gameday.sc")


def test_two_entry_points_of_one_name_are_refused(package, installed):
    for _ in range(2):
        installed.append(EntryPoint("same", "gameday.scorers.exact:Exact", package.name))
    assert "two scorers are called 'same'" in refusal(package)


def test_an_entry_point_that_names_something_else_is_refused(package, installed):
    installed.append(EntryPoint("same", "gameday.domain.errors:FileError", package.name))
    assert "expected a subclass of Scorer, found" in refusal(package)


@pytest.mark.parametrize(
    ("value", "said"),
    [("gameday.scorers.exact:Nope", "Nope"), ("gameday.no_such_module:X", "no_such_module")],
)
def test_an_entry_point_that_cannot_be_loaded_is_named(package, installed, value, said):
    installed.append(EntryPoint("same", value, package.name))
    sentence = refusal(package)
    assert sentence.startswith(f"{value}: cannot be loaded: ")
    assert said in sentence


@pytest.mark.parametrize(
    ("registry", "spec", "said"),
    [
        (
            checks,
            CheckSpec(kind="falback"),
            "check falback: kind: unknown check 'falback'; did you mean 'fallback'?",
        ),
        (
            checks,
            CheckSpec(kind="fallback", settings={"to": "b", "witin": "2s"}),
            "check fallback: witin: unknown key 'witin'; did you mean 'within'?",
        ),
        (
            checks,
            CheckSpec(kind="fallback", settings={"to": "b", "within": "2"}),
            "check fallback: within: expected a duration such as 20s, 500ms or 5m, found '2'",
        ),
        (
            checks,
            CheckSpec(kind="fallback", settings={"to": "b"}),
            "check fallback: missing key 'within'; expected text such as '20s'",
        ),
        (
            scorers,
            ScorerSpec(kind="contains", settings={"any": "word"}),
            'scorer contains: any: expected a list, found "word"',
        ),
        (
            faults,
            FaultSpec(kind="latency", on="provider/a", settings={"latency_ms": "9"}),
            'fault latency: latency_ms: expected a valid integer, found "9"',
        ),
    ],
)
def test_what_cannot_be_made_says_which_key(registry, spec, said):
    with pytest.raises(FileError) as told:
        registry.make(spec)
    assert told.value.sentence.startswith(said)


def test_a_made_fault_is_one():
    made = faults.make(FaultSpec(kind="latency", on="provider/a", settings={"latency_ms": 9}))
    assert isinstance(made, Fault)


def test_loading_imports_no_client():
    """Faults, checks and scorers are pure: no list of kinds may open a connection by mistake."""
    program = (
        "import sys\n"
        "from gameday.catalog import files, kinds\n"
        "for registry in (kinds.faults, kinds.checks, kinds.scorers): assert registry.kinds()\n"
        "clients = {'httpx', 'requests', 'toxiproxy', 'temporalio', 'starlette', 'uvicorn'}\n"
        "print(sorted(clients & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
