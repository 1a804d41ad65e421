"""The programs that scripts/install_bench_peers.sh puts beside the checkout."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PROGRAMS = CHECKOUT / ".tools" / "bench" / "bin"
