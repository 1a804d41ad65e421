"""Finds faults, checks, steps and all other kinds by file name and entry point, from their specs.

A kind is a file name. Loading a kind imports its one file and nothing that talks to the outside.
"""

import importlib
import inspect
import pkgutil
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Generic, TypeGuard, TypeVar

from gameday.catalog.misfit import Misfit, fit, unknown_key
from gameday.catalog.nearest import did_you_mean
from gameday.domain.action import Action, ActionSpec
from gameday.domain.check import Check
from gameday.domain.component import Backend, Component
from gameday.domain.drill import CheckSpec, Extensible, FaultSpec, StepSpec
from gameday.domain.errand import Errand, Wait
from gameday.domain.errors import FileError
from gameday.domain.export import Export, ExportSpec
from gameday.domain.fault import Fault
from gameday.domain.proof import Proof, ProofSpec
from gameday.domain.question import Question
from gameday.domain.runbook import DeedSpec, QuestionSpec
from gameday.domain.scorer import Scorer
from gameday.domain.sender import Sender, SenderSpec
from gameday.domain.step import Step
from gameday.domain.suite import ScorerSpec
from gameday.domain.value import Value

Spec = TypeVar("Spec", bound=Extensible)
Made = TypeVar("Made", bound=Value)


class Registry(Generic[Spec, Made]):
    """Everything of one contract: the files of one package, and entry points of the same name."""

    def __init__(
        self, word: str, package: str, contract: type[Made], *, among: tuple[type[Value], ...] = ()
    ) -> None:
        """word: what one is called in a sentence; package: where its files are.

        among: further contracts whose files are in the same package, and none of this one.
        """
        self.word = word
        self._package = package
        self._contract = contract
        self._among = among

    def make(self, spec: Spec) -> Made:
        """What `spec` states. Raises FileError."""
        try:
            return self.fit(spec)
        except Misfit as misfit:
            place = ".".join(str(part) for part in misfit.where)
            raise FileError(
                f"{self.word} {spec.kind}: {place + ': ' if place else ''}{misfit.sentence}",
                next_step="gameday list",
            ) from misfit

    def fit(self, spec: Spec) -> Made:
        """Like `make`, but raises Misfit, whose place counts from the spec."""
        if spec.kind not in self._classes:
            nearest = did_you_mean(spec.kind, self._classes)
            raise Misfit((key_of_kind(type(spec)),), f"unknown {self.word} {spec.kind!r}{nearest}")
        made = self._classes[spec.kind]
        own = [name for name in _keys(type(spec)) if name != "settings"]
        for key in spec.settings:
            if key not in _keys(made):
                raise Misfit((key,), unknown_key(key, [*_keys(made), *own]), at_key=True)
        return fit(made, spec.settings)

    def kinds(self) -> list[tuple[str, type[Made]]]:
        """Each kind and its class, in alphabetical order."""
        return sorted(self._classes.items())

    def summary(self, kind: str) -> str:
        """The first line of the docstring of `kind`: what lists and pages print."""
        return (inspect.getdoc(self._classes[kind]) or "").partition("\n")[0]

    @cached_property
    def _classes(self) -> dict[str, type[Made]]:
        package = importlib.import_module(self._package)
        found: dict[str, type[Made]] = {}
        for file in pkgutil.iter_modules(package.__path__):
            if not file.name.startswith("_"):
                module = importlib.import_module(f"{self._package}.{file.name}")
                if not _own_classes(module, self._among):
                    found[file.name] = self._only_class(module)
        for entry in entry_points(group=self._package):
            if self._among and _is_of(_load(entry), self._among):
                continue
            if entry.name in found:
                raise FileError(
                    f"two {self.word}s are called {entry.name!r}; the second is {entry.value}",
                    next_step="rename one of them, or uninstall its package",
                )
            found[entry.name] = self._checked(entry.value, _load(entry))
        return found

    def _only_class(self, module: ModuleType) -> type[Made]:
        own = _own_classes(module, (self._contract,))
        if len(own) != 1:
            names = ", ".join(value.__name__ for value in own) or "none"
            raise FileError(
                f"{module.__file__}: expected exactly one public subclass of "
                f"{self._contract.__name__}, found {names}",
                next_step="give each kind a file of its own",
            )
        return self._checked(str(module.__file__), own[0])

    def _checked(self, place: str, value: object) -> type[Made]:
        if not (inspect.isclass(value) and issubclass(value, self._contract)):
            raise FileError(
                f"{place}: expected a subclass of {self._contract.__name__}, found {value!r}",
                next_step="let the entry point name the class",
            )
        if inspect.isabstract(value):
            lacks = ", ".join(sorted(value.__abstractmethods__))
            raise FileError(f"{place}: {value.__name__} lacks {lacks}", next_step="write them")
        return value


def _own_classes(module: ModuleType, contracts: tuple[type[Value], ...]) -> list[type[Value]]:
    """The public classes of a file that are of one of these contracts."""
    return [
        value
        for name, value in vars(module).items()
        if _is_of(value, contracts)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    ]


def _is_of(value: object, contracts: tuple[type[Value], ...]) -> TypeGuard[type[Value]]:
    return inspect.isclass(value) and issubclass(value, contracts)


def key_of_kind(spec: type[Extensible]) -> str:
    """The key that names the kind in a file: `kind`, of a component `backend`."""
    return spec.model_fields["kind"].alias or "kind"


def _keys(noun: type[Value]) -> list[str]:
    """As they are written in a file."""
    return [field.alias or name for name, field in noun.model_fields.items()]


def _load(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise FileError(
            f"{entry.value}: cannot be loaded: {error}",
            next_step="uninstall or mend the package that brings it",
        ) from error


faults: Registry[FaultSpec, Fault] = Registry("fault", "gameday.faults", Fault)  # type: ignore[type-abstract]
checks: Registry[CheckSpec, Check] = Registry("check", "gameday.checks", Check)  # type: ignore[type-abstract]
scorers: Registry[ScorerSpec, Scorer] = Registry("scorer", "gameday.scorers", Scorer)  # type: ignore[type-abstract]
components: Registry[Component, Backend] = Registry("backend", "gameday.components", Backend)  # type: ignore[type-abstract]
questions: Registry[QuestionSpec, Question] = Registry(
    "question",
    "gameday.questions",
    Question,  # type: ignore[type-abstract]
)
# One folder holds all that a runbook may do; each contract sees its own.
steps: Registry[StepSpec | DeedSpec, Step] = Registry(
    "step",
    "gameday.steps",
    Step,  # type: ignore[type-abstract]
    among=(Errand, Wait),
)
errands: Registry[DeedSpec, Errand] = Registry(
    "errand",
    "gameday.steps",
    Errand,  # type: ignore[type-abstract]
    among=(Step, Wait),
)
waits: Registry[DeedSpec, Wait] = Registry("wait", "gameday.steps", Wait, among=(Step, Errand))  # type: ignore[type-abstract]
senders: Registry[SenderSpec, Sender] = Registry("sender", "gameday.serve.senders", Sender)  # type: ignore[type-abstract]
exports: Registry[ExportSpec, Export] = Registry("export", "gameday.exports", Export)  # type: ignore[type-abstract]
proofs: Registry[ProofSpec, Proof] = Registry("proof", "gameday.identity", Proof)  # type: ignore[type-abstract]
actions: Registry[ActionSpec, Action] = Registry("action", "gameday.actions", Action)  # type: ignore[type-abstract]
