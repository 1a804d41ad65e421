"""How an injector is, for anybody who may reach its port."""

from gameday.domain.value import Value


class Health(Value):
    version: str
    uptime_s: float
    stopped: bool
    policy: str
    people: bool = False  # whether the policy names any: then nobody is believed by name
    toxiproxy: bool  # whether there is one, and it answers
    gates: dict[str, bool] = {}  # whether each answers, by its name
    armed: int
    stuck: int
