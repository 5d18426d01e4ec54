"""Clicks: consent, collector, visitors and people, sessions and paths. Ids are opaque here; the business is not known."""
