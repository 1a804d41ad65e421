"""How many webhook deliveries `gameday serve` confirms, how soon, and whether any is lost."""
