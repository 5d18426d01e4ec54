"""Recommendations on pages: the slots, why something is shown, and "not interested"."""
