"""Trends drawn: as characters on a terminal, as SVG and as PNG. Nothing here writes a file."""
