"""Loading orders that were made elsewhere: a file and a profile that says what its columns mean.

`run.import_orders` is the way in. A file is read twice: first to learn where each document ends and what is
wrong with it, then to load it. Nothing is written before the whole file was readable.
"""
