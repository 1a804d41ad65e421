"""What a game day left, in a folder of its own beside those of its runs."""

import logging
from pathlib import Path

from gameday.domain.errors import FileError
from gameday.domain.game_day import GameDayResult
from gameday.store.atomic import write_whole
from gameday.store.lines import parse_line

_FILE = "game_day.json"
_log = logging.getLogger(__name__)


def is_game_day(folder: Path) -> bool:
    return (folder / _FILE).exists()


def write_game_day(folder: Path, day: GameDayResult) -> None:
    write_whole(folder / _FILE, day.model_dump_json(indent=1, by_alias=True).encode() + b"\n")


def read_game_day(folder: Path) -> GameDayResult:
    """Raises FileError where there is none, or a damaged one."""
    path = folder / _FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileError(
            f"there is no game day in {folder}", next_step="gameday list runs"
        ) from None
    return parse_line(GameDayResult, content, str(path))


def game_days_in(runs: Path) -> list[GameDayResult]:
    """Every game day below `runs`, newest first. A broken file does not hide the others."""
    found = []
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        if is_game_day(folder):
            try:
                found.append(read_game_day(folder))
            except FileError as error:
                _log.warning("%s", error.sentence)
    return sorted(found, key=lambda day: (day.started_at, day.id), reverse=True)
