"""Dealers, as the staff who look after them see them."""
