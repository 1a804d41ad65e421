"""`python -m gameday.injector`: the watchdog, which starts the control process."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gameday.domain.errors import GamedayError
from gameday.injector.parent import Supervisor
from gameday.injector.settings import ROLES, InjectorSettings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the two processes; returns its exit code."""
    settings = _parse(argv)
    try:
        if settings.role == "control":
            from gameday.injector import control  # noqa: PLC0415 - each process loads its own part

            return control.run(settings)
        from gameday.injector import watchdog  # noqa: PLC0415 - as above

        return watchdog.run(settings)
    except GamedayError as error:
        next_step = f"; {error.next_step}" if error.next_step else ""
        sys.stderr.write(f"{error.sentence}{next_step}\n")
        return int(error.exit_code)


def _parse(argv: Sequence[str] | None) -> InjectorSettings:
    parser = argparse.ArgumentParser(prog="gameday injector", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder of journal and token")
    parser.add_argument("--port", type=_port, required=True, help="port on loopback")
    parser.add_argument("--toxiproxy", default="", help="address of Toxiproxy's API")
    parser.add_argument(
        "--gate", type=_gate_file, action="append", dest="gates", help="a gate file; repeatable"
    )
    parser.add_argument(
        "--keep-gate",
        type=_kept_gate_file,
        action="append",
        dest="gates",
        help="the same, and its process is started here and kept alive",
    )
    parser.add_argument(
        "--target",
        type=_target_file,
        action="append",
        default=[],
        dest="targets",
        help="a target file, whose components steps of a response may change; repeatable",
    )
    parser.add_argument("--policy", type=Path, required=True, help="policy file")
    parser.add_argument(
        "--with-parent", action="store_true", help="restore and end when the parent process dies"
    )
    parser.add_argument("--role", choices=ROLES, default="watchdog", help=argparse.SUPPRESS)
    parser.add_argument("--revived", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--supervisor", type=Supervisor.parse, help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    gates = given.gates or []
    if not (given.toxiproxy or gates or given.targets):
        parser.error(
            "expected --toxiproxy, --gate or --target: without any nothing can be broken or changed"
        )
    supervisor = given.supervisor
    if given.with_parent and supervisor is None:
        supervisor = Supervisor.of_this_process()
    return InjectorSettings(
        state=given.state,
        port=given.port,
        toxiproxy=given.toxiproxy,
        policy=given.policy,
        gates=tuple(gate for gate, _ in gates),
        kept_gates=tuple(gate for gate, kept in gates if kept),
        targets=tuple(given.targets),
        role=given.role,
        revived=given.revived,
        supervisor=supervisor,
    )


def _gate_file(text: str) -> tuple[Path, bool]:
    """Whole, because the journal tells it to a sweep that runs in another folder."""
    return Path(text).resolve(), False


def _kept_gate_file(text: str) -> tuple[Path, bool]:
    return Path(text).resolve(), True


def _target_file(text: str) -> Path:
    """Whole, as a gate file is."""
    return Path(text).resolve()


def _port(text: str) -> int:
    """Check a fixed port: a process that is started again must be found at the same address."""
    if not (text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, found {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
