"""The shop: home, catalogue, product pages, search, and the drawn pictures."""
