"""Material for dealers: finding it, seeing it with the own logo, fetching it."""
