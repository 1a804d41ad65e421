"""What a run leaves on disk: samples, journal segments, the record and the artifacts."""
