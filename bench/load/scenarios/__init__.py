"""One file for each question that the load generator is asked."""
