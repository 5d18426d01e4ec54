"""Staff pages of the catalogue: products, prices, stock, categories."""
