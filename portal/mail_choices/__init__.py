"""What we mail a person and why, what we did not, and their say in it: in the account and from a link in a mail."""
