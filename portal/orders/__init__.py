"""Your orders: list, order page, the short page behind a mailed link, finding an order, and the mails."""
