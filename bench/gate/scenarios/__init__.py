"""One file for each question that the benchmark answers; each has one public `measure`."""
