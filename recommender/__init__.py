"""What to show whom, and why: signals, algorithms, evaluation, artifacts, serving."""
