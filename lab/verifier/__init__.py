"""The verifier: says whether a question may be answered at all."""
