"""The card out: one module per file format, the targets files are written to, and what every export has in common."""
