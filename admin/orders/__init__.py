"""Staff pages of orders: finding them, moving them on, packing parcels."""
