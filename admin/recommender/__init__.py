"""The recommender for staff: the model's card, its history, and what one customer is shown and why."""
