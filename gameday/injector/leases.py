"""The time a fault may live: a lease that can be renewed, inside a deadline that cannot."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Lease:
    """One fault's remaining life. All moments are of one clock that ignores the wall clock."""

    lease_s: float
    deadline_s: float
    began_s: float
    renewed_s: float
    renewals: int = 0

    @classmethod
    def begin(cls, lease_s: float, deadline_s: float, *, now_s: float) -> "Lease":
        return cls(lease_s, deadline_s, began_s=now_s, renewed_s=now_s)

    def renew(self, *, now_s: float) -> "Lease":
        """The lease counted from now. The deadline stays where it is."""
        return replace(self, renewed_s=now_s, renewals=self.renewals + 1)

    def expires_in_s(self, *, now_s: float) -> float:
        return max(0.0, self.renewed_s + self.lease_s - now_s)

    def deadline_in_s(self, *, now_s: float) -> float:
        return max(0.0, self.began_s + self.deadline_s - now_s)

    def left_s(self, *, now_s: float) -> float:
        """How long the fault may live from now, if nobody renews it again."""
        return min(self.expires_in_s(now_s=now_s), self.deadline_in_s(now_s=now_s))

    def over_because(self, *, now_s: float) -> str:
        """Why the fault must go now; empty while it may stay."""
        if self.deadline_in_s(now_s=now_s) <= 0:
            return f"the deadline of {self.deadline_s:g} s was over"
        if self.expires_in_s(now_s=now_s) <= 0:
            return f"the lease of {self.lease_s:g} s was not renewed"
        return ""
