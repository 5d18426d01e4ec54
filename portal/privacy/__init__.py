"""What people let us record, and what they see and change of it."""
