"""The fault `empty_choices`: a whole answer with nothing in it."""

from typing import ClassVar

from gameday.domain.wire import Answer, Finish, Hit
from gameday.faults._answers import HollowFault


class EmptyChoices(HollowFault):
    """Answer 200 with a proper document that holds no answer.

    On the wire: status 200 and `choices: []` (OpenAI, Azure) or `content: []` (Anthropic); as a
    stream with its proper end, but without any content, when a stream was asked for.

    In reports: attempts that are malformed, or answers without content.

    Source: measured with LiteLLM 1.106.2 and Portkey 1.15.2: both pass it through as a success;
    a chunk with empty choices as an error's companion in open-octo PR 910 and OmniRoute PR 8210.
    """

    legend: ClassVar[str] = "answers with no choice"

    def instead(self, hit: Hit) -> Answer | None:
        if not hit.dialect.asks_for_text(hit.request):
            return None
        return hit.dialect.completion(hit.request, "", Finish.NO_CHOICES)
