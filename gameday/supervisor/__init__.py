"""Child processes: started in a session of their own, watched, and ended in order."""
