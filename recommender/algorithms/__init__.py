"""Algorithms side by side: each fits interactions to arrays, and reads arrays back to score a history."""
