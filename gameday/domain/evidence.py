"""What a target file says of the evidence that its runs leave."""

from gameday.domain.names import SecretRef
from gameday.domain.value import Value


class Evidence(Value):
    """The target's `evidence:` block.

    signing_key: what reports are signed with, an Ed25519 key in PEM; a relative file counts from
    the target file. Without one the reporter makes its own at first use, in its state folder.
    """

    signing_key: SecretRef | None = None
