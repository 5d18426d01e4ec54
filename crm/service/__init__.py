"""Service requests of customers, which are the cases of staff: one ledger, two faces."""
