"""The model versions that the lab's providers serve: what makes two models answer differently."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class ModelVersion:
    """One model's habits. Changing any of them changes some of its answers."""

    name: str
    rare_term_weight: float  # exponent of a term's rarity; 0 takes all terms as equal
    title_weight: float  # how much a passage's title counts for its sentences
    number_weight: float  # bonus of a sentence with a figure, when the question asks for one
    length_weight: float  # how much a long sentence is marked down
    noise: float  # spread of the sampling noise at temperature 1
    second_sentence_at: float  # share of the best score from which a second sentence is added
    refuse_below: float  # score under which it says that the context holds no answer
    blind_share: float = 0.0  # share of the requests in which it does not look at the context
    tokens_per_s: float = 200.0
    first_token_s: tuple[float, float] = (0.06, 0.12)

    def at_speed(self, factor: float) -> "ModelVersion":
        return replace(self, tokens_per_s=self.tokens_per_s * factor)


HERON = ModelVersion(
    name="heron-4-2026-08",
    rare_term_weight=1.0,
    title_weight=0.25,
    number_weight=0.25,
    length_weight=0.002,
    noise=0.05,
    second_sentence_at=0.78,
    refuse_below=0.25,
)
MARLIN = ModelVersion(
    name="marlin-3-2026-06",
    rare_term_weight=0.0,
    title_weight=0.05,
    number_weight=0.05,
    length_weight=0.0,
    noise=0.06,
    second_sentence_at=0.9,
    refuse_below=0.21,
    tokens_per_s=180.0,
    first_token_s=(0.07, 0.13),
)
# An update as providers make them: shorter, and surer before it answers. So it says more often
# that it does not know, which is right where the context holds no answer and wrong elsewhere.
HERON_UPDATE = replace(
    HERON,
    name="heron-4-2026-09",
    length_weight=0.03,
    second_sentence_at=1.0,
    refuse_below=0.42,
)
MARLIN_LARGE = replace(MARLIN, name="marlin-3-large-2026-06")

# The name that a provider may move to another version without a word; the others are pinned.
FLOATING = "heron-4"
MODELS: Mapping[str, ModelVersion] = {
    FLOATING: HERON,
    **{version.name: version for version in (HERON, HERON_UPDATE, MARLIN, MARLIN_LARGE)},
}
