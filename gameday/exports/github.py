"""The export `github`: the summary of a step in GitHub Actions."""

from typing import ClassVar

from gameday.domain.export import Export, JudgedRun

BYTES_MAX = 1024 * 1024  # of one step's summary; a longer one is not shown at all
_CUT = "\nThe rest did not fit into a step's summary; it is in the run's report.\n"


class Github(Export):
    """The run's Markdown, for the page of a GitHub Actions job.

    It is added to the file that `GITHUB_STEP_SUMMARY` names. One that is longer than GitHub shows
    is cut after a whole line, and says so.
    """

    told_by: ClassVar[str] = "GITHUB_STEP_SUMMARY"

    def render(self, run: JudgedRun) -> str:
        content = run.markdown.encode()
        if len(content) <= BYTES_MAX:
            return run.markdown
        kept = content[: BYTES_MAX - len(_CUT.encode()) - 1]
        return kept[: kept.rfind(b"\n") + 1].decode() + _CUT
