"""Whether answers name the versions that the front door named before.

Compared model by model: another model that answers for once names a version of its own, which says
nothing of the prompt or the corpus that it was given.
"""

from collections.abc import Callable, Iterable

from gameday.domain.samples import Samples


class KnownVersions:
    """The versions that answers named in one stretch, by the model that made them."""

    def __init__(self, samples: Samples) -> None:
        self._by_model = {
            model: frozenset(_of_model(samples.good, model).tally("version")) - {None}
            for model in samples.good.tally("model")
        }

    def __bool__(self) -> bool:
        """Whether any version was named."""
        return any(self._by_model.values())

    def same(self, samples: Samples) -> Samples:
        """Those that name one of them."""
        return _joined(
            samples,
            (_named(samples, model, known.__contains__) for model, known in self._by_model.items()),
        )

    def others(self, samples: Samples) -> Samples:
        """Those of a model that was known, which name a version that was not."""
        named = (
            _named(samples, model, lambda version: version is not None)
            for model, known in self._by_model.items()
            if known
        )
        return _joined(samples, named) - self.same(samples)


def _named(samples: Samples, model: str | None, holds: Callable[[str | None], bool]) -> Samples:
    return _of_model(samples, model).where("version", holds)


def _of_model(samples: Samples, model: str | None) -> Samples:
    return samples.where("model", lambda name: name == model)


def _joined(samples: Samples, parts: Iterable[Samples]) -> Samples:
    found = samples - samples
    for part in parts:
        found |= part
    return found
