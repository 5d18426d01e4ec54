"""The queue of jobs: how it does, what failed for good, and trying that again."""
