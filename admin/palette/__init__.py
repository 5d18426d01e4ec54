"""Search over everything that staff may see: the command palette and the search page."""
