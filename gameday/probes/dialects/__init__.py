"""How a front door is asked and how its answers are read: one file for each dialect."""
