"""The assistant's prompt, versioned: one file for each version, and labels that stand for one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lab.retrieval import Passage

PACKAGED = Path(__file__).parent  # the folder that has corpus/ and prompts/ as they start
LABELS = "prompts/labels.yaml"
LABEL = "production"
CURRENT = "support-v3"


class PromptError(Exception):
    """A label stands for nothing, or for a version that is not there."""


@dataclass(frozen=True)
class PromptTemplate:
    """One version of the prompt."""

    version: str
    text: str

    def fill(self, passages: Iterable[Passage]) -> str:
        return self.text.replace("{context}\n", "\n".join(str(passage) for passage in passages))


def read_prompt(version: str = CURRENT, content: Path = PACKAGED) -> PromptTemplate:
    """content: the folder that has prompts/. Raises OSError."""
    file = content / "prompts" / f"{version}.txt"
    return PromptTemplate(version, file.read_text(encoding="utf-8"))


def read_label(label: str, content: Path = PACKAGED) -> PromptTemplate:
    """The version that a label stands for. Raises PromptError."""
    file = content / LABELS
    try:
        version = YAML(typ="safe").load(file)[label]
        return read_prompt(version, content)
    except (OSError, UnicodeDecodeError, YAMLError, KeyError, TypeError) as error:
        raise PromptError(f"label {label} in {file}: {error}") from error


def write_labels(content: Path, labels: Mapping[str, str]) -> None:
    lines = "".join(f"{label}: {version}\n" for label, version in labels.items())
    (content / LABELS).write_text(lines, encoding="utf-8")
