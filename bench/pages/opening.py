"""How long a real browser takes to open a page: read, styled and laid out."""

import re
import shutil
import subprocess
from pathlib import Path
from statistics import median

from gameday.domain.errors import StartError

# Asking for the height makes the browser lay all of it out before the time is read.
_SCRIPT = """<script>addEventListener('load', () => {
  document.documentElement.scrollHeight;
  document.title = 'opened ' + performance.now().toFixed(1) + ' ms';
})</script></body>"""


def opens_ms(page: Path, folder: Path, rounds: int) -> float | None:
    """The median of so many times, from the start of the navigation on; None without Chromium.

    The page's own policy, which would stop the script that reads the clock, is taken out.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        return None
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text())
    timed = folder / f"timed-{page.name}"
    timed.write_text(html.replace("</body>", _SCRIPT))
    return median(_once(chromium, timed, folder / "profile") for _ in range(rounds))


def _once(chromium: str, page: Path, profile: Path) -> float:
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update")  # fmt: skip
    argv = [chromium, *flags, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"<title>opened ([0-9.]+) ms</title>", done.stdout)
    if found is None:
        raise StartError("the browser did not tell how long the page took to open")
    return float(found[1])
