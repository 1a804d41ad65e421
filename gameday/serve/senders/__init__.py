"""One file per sender of alerts: how a delivery proves whose it is, and what it says."""
