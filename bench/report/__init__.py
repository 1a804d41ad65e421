"""A judged report from a million samples: how much processor time and memory it takes."""
