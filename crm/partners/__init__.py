"""Channel partners: their profile, and the marketing material that they download under their own name."""
