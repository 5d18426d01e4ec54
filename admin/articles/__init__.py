"""Writing and publishing help articles."""
