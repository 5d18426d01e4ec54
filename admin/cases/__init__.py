"""The cases of staff: the queue and the page of one case."""
