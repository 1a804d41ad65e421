"""What a run can be proved by: its files in one archive, and a signature over them."""
