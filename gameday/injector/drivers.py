"""The ports of one injector, made from what it was told, or from what its journal tells."""

from collections.abc import Iterable
from pathlib import Path

from gameday.domain.lease import COMPONENT_PORT
from gameday.domain.shift import INPUTS_PORT
from gameday.injector.components import Components
from gameday.injector.gate import Gates
from gameday.injector.inputs import Inputs
from gameday.injector.port import Port
from gameday.injector.toxiproxy import Toxiproxy


class Drivers:
    """Toxiproxy, the gates, the components of targets, or some of them."""

    def __init__(
        self, toxiproxy_url: str, gate_files: Iterable[Path], target_files: Iterable[Path] = ()
    ) -> None:
        """toxiproxy_url: '' when there is none. Raises StartError for an odd one."""
        self.toxiproxy = Toxiproxy(toxiproxy_url) if toxiproxy_url else None
        self.gates = Gates(tuple(gate_files))
        self.components = Components(target_files)

    @property
    def named(self) -> bool:
        """Whether anybody was named whom a sweep can look at: the load's inputs need no name."""
        return bool(self.toxiproxy or self.gates.files or self.components.files)

    def ports(self) -> dict[str, Port]:
        """By name. One that was not named is missing: nobody can use it."""
        ports: dict[str, Port] = {INPUTS_PORT: Inputs()}
        if self.toxiproxy is not None:
            ports["toxiproxy"] = self.toxiproxy
        if self.gates.files:
            ports["gate"] = self.gates
        if self.components.files:
            ports[COMPONENT_PORT] = self.components
        return ports
