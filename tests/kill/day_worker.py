"""A worker of game days as a process of its own, to be killed: ADDRESS STATE QUEUE HANGS.

Its drills are stand-ins; the first one hangs as long as the file HANGS is there.
"""

import asyncio
import sys
from pathlib import Path

from tests.workflows.game_day_rig import Drills, at_work, connected


async def main(address, state, queue, hangs):
    drills = Drills(Path(hangs).parent / "made")
    async with at_work(await connected(address), Path(state), drills, queue):
        while True:
            drills.hangs = {1} if Path(hangs).exists() else set()
            if drills.began:
                Path(f"{hangs}.began").write_text("\n".join(drills.began))
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
