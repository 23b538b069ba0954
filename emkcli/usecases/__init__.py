"""The steps of the journey, each usable alone: commands call them one by one, `setup` in a row."""
