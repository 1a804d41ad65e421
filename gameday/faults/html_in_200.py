"""The fault `html_in_200`: a good status, and a page for people."""

from typing import ClassVar

from gameday.domain.wire import Answer, Hit
from gameday.faults._answers import HTML, HollowFault, edge_page


class HtmlIn200(HollowFault):
    """Answer 200 with an HTML page, as a network edge's challenge does.

    On the wire: status 200, content-type text/html, a short page; also where a stream was asked
    for.

    In reports: attempts that are malformed, or answers without content: a client that looks at
    the status alone takes the page for a stream without a word in it.

    Source: "Just a moment" pages of network edges, Cloudflare's outage of 2025-11-18; measured
    with LiteLLM 1.106.2: a streaming client gets an empty answer that ends with stop.
    """

    legend: ClassVar[str] = "HTML with status 200"

    def instead(self, hit: Hit) -> Answer:
        page = edge_page("Just a moment", "Checking your connection.", hit.request)
        return Answer(200, (HTML,), page)
