"""`python -m gameday.probes SPEC`: the load generator."""

from gameday.probes.generator import main

main()
