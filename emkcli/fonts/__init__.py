"""The font of pictures: a part of DejaVu Sans with Latin, Russian and Greek letters (see LICENSE beside it)."""

SANS = "DejaVuSans-subset.ttf"
