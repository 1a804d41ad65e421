"""A lease ends by silence or by its deadline, and says by which."""

from hypothesis import given
from hypothesis import strategies as st

from gameday.injector.leases import Lease


def test_silence_ends_it():
    lease = Lease.begin(15, 75, now_s=100)
    assert lease.over_because(now_s=114.9) == ""
    assert lease.over_because(now_s=115) == "the lease of 15 s was not renewed"


def test_renewal_moves_the_lease_but_not_the_deadline():
    lease = Lease.begin(15, 20, now_s=0).renew(now_s=10)
    assert (lease.expires_in_s(now_s=10), lease.deadline_in_s(now_s=10)) == (15, 10)
    assert lease.over_because(now_s=19) == ""
    assert lease.over_because(now_s=20) == "the deadline of 20 s was over"
    assert lease.renewals == 1


positive = st.floats(0.1, 1000)


@given(positive, positive, st.lists(st.floats(0, 50), max_size=20))
def test_never_alive_past_lease_or_deadline(lease_s: float, deadline_s: float, pauses: list[float]):
    now = renewed = 0.0
    lease = Lease.begin(lease_s, deadline_s, now_s=now)
    for pause in pauses:
        now += pause
        alive = not lease.over_because(now_s=now)
        assert alive == (now < renewed + lease_s and now < deadline_s)
        if not alive:
            return
        lease, renewed = lease.renew(now_s=now), now
