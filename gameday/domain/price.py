"""What tokens cost: a price table by model, with the classes that providers bill apart."""

from typing import Annotated

from pydantic import Field

from gameday.domain.value import Value

UsdPerMtok = Annotated[float, Field(ge=0)]


class Price(Value):
    """US dollars per million tokens of one model.

    A class without a price of its own costs what its tokens otherwise are: cached input as input,
    reasoning as output.
    """

    input_usd_per_mtok: UsdPerMtok
    output_usd_per_mtok: UsdPerMtok
    cached_input_usd_per_mtok: UsdPerMtok | None = None
    reasoning_usd_per_mtok: UsdPerMtok | None = None

    def input_usd(self, tokens: int, cached: int = 0) -> float:
        """US dollars for so many input tokens, `cached` of them read from the provider's cache."""
        own = self.cached_input_usd_per_mtok
        return _usd(tokens, cached, self.input_usd_per_mtok, own)

    def output_usd(self, tokens: int, reasoning: int = 0) -> float:
        """US dollars for so many output tokens, `reasoning` of them never shown to anyone."""
        return _usd(tokens, reasoning, self.output_usd_per_mtok, self.reasoning_usd_per_mtok)

    def usd(self, tokens_in: int, cached: int, tokens_out: int, reasoning: int) -> float:
        """US dollars for a whole answer."""
        if cached or reasoning:
            return self.input_usd(tokens_in, cached) + self.output_usd(tokens_out, reasoning)
        read_usd = tokens_in * self.input_usd_per_mtok / 1_000_000
        return read_usd + tokens_out * self.output_usd_per_mtok / 1_000_000

    @property
    def dearest_usd_per_mtok(self) -> float:
        """What a token costs at the most, whatever it is."""
        every = (
            self.input_usd_per_mtok,
            self.output_usd_per_mtok,
            self.cached_input_usd_per_mtok,
            self.reasoning_usd_per_mtok,
        )
        return max(price for price in every if price is not None)


def _usd(tokens: int, apart: int, usually: float, own: float | None) -> float:
    """`apart` of the tokens at their own price; more of them than tokens is a provider's slip."""
    apart = min(apart, tokens)
    return ((tokens - apart) * usually + apart * (usually if own is None else own)) / 1_000_000
