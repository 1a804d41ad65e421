"""The step `revert_corpus`: the documents, or their index, are what they were before."""

from typing import ClassVar

from gameday.steps._revert import RevertStep


class RevertCorpus(RevertStep):
    """Put the corpus back to what it was, or to a version that is known to be good.

    A folder under git gets a commit that takes the edit back, a table of LanceDB a new version, a
    view of PostgreSQL the table that it showed, an index's alias the index that it stood for; what
    else others have changed stays.

    Source: the ways back that git, LanceDB, PostgreSQL and search engines document; documents that
    are back are no index that is back.
    """

    components: ClassVar[frozenset[str]] = frozenset({"corpus", "index"})
