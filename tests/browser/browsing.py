"""A real browser without a window: what a page is made of, how it looks, what axe says of it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")
AXE = ROOT / ".tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
DARK = "@media screen and (prefers-color-scheme:dark)"


def browse(profile: Path, *arguments: str) -> str:
    assert CHROMIUM is not None
    ended = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return ended.stdout


def axe_script() -> str:
    """axe-core's own file, fetched where it is not there yet."""
    if not AXE.exists():
        if shutil.which("npm") is None:
            pytest.skip("axe-core is not here, and no npm to fetch it with")
        script = ROOT / "scripts" / "install_axe.sh"
        argv = ["bash", str(script), str(ROOT / ".tools" / "axe")]
        fetched = subprocess.run(argv, check=False, timeout=300, capture_output=True, text=True)
        if fetched.returncode:
            pytest.skip(f"axe-core could not be fetched: {fetched.stderr.strip()[-300:]}")
    return AXE.read_text()


def looked_at(html: str, folder: Path, *, width: int, dark: bool, script: str) -> str:
    """What a script that is put into the page, shown so wide, tells `done`.

    In a frame, as a window cannot be as narrow as a phone. The page's own policy, which would
    stop the script, is taken out.
    """
    policy = re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', html)
    assert policy is not None
    page = html.replace(policy[0], "")
    if dark:
        assert DARK in page
        page = page.replace(DARK, "@media screen")
    told = "const done = text => { parent.document.getElementById('told').textContent = text }"
    inner, frame = folder / "inner.html", folder / "frame.html"
    inner.write_text(page.replace("</body>", f"<script>{told}\n{script}</script></body>"))
    frame.write_text(
        f'<!doctype html><pre id="told"></pre>'
        f'<iframe src="inner.html" width="{width}" height="900" style="border:0"></iframe>'
    )
    dom = browse(
        folder / "profile",
        "--allow-file-access-from-files",
        "--virtual-time-budget=20000",
        "--dump-dom",
        frame.as_uri(),
    )
    found = re.search(r'<pre id="told">(.+?)</pre>', dom, flags=re.DOTALL)
    assert found is not None, dom[:500]
    return found[1]


def violations(html: str, folder: Path, *, width: int, dark: bool = False) -> list[str]:
    """Each rule of axe's, best practices included, that the page breaks, and where."""
    asked = """
    axe.run(document).then(said => done(JSON.stringify({
      passes: said.passes.length,
      broken: said.violations.map(one =>
        one.id + ': ' + one.nodes.slice(0, 5).map(node => node.target.join(' ')).join(' | '))
    }).replace(/[&<>]/g, ' ')), failed => done('failed ' + failed));
    """
    told = looked_at(html, folder, width=width, dark=dark, script=axe_script() + ";" + asked)
    document = json.loads(told)
    assert document["passes"] > 10, "axe has looked at nothing"
    broken = document["broken"]
    assert isinstance(broken, list)
    return broken


def width_of(html: str, folder: Path, *, width: int) -> int:
    """How wide the page is in a frame that is so wide."""
    script = "done(String(document.documentElement.scrollWidth))"
    return int(looked_at(html, folder, width=width, dark=False, script=script))


def pages_printed(html: str, folder: Path) -> int:
    """On how many sheets of paper it comes, as the browser would print it unasked."""
    (folder / "printed.html").write_text(html)
    pdf = folder / "printed.pdf"
    browse(
        folder / "profile",
        "--no-pdf-header-footer",
        f"--print-to-pdf={pdf}",
        (folder / "printed.html").as_uri(),
    )
    counted = re.findall(rb"/Type ?/Pages.*?/Count (\d+)", pdf.read_bytes(), flags=re.DOTALL)
    assert counted, "no PDF was printed"
    return int(counted[0])
