"""Help: articles in several languages, their search, what is offered before a request is filed, and whether it helped."""
