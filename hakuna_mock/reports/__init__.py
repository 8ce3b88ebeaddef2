"""Reports: one format a file; `formats.py` is the table of all of them."""
