"""The customer's pages and mails of service requests."""
