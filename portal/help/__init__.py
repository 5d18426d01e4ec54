"""The help pages: search, articles, and whether they helped."""
