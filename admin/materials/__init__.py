"""Material for dealers, as the staff who keep it see it."""
