"""The clinical rules, each once: pure functions over models. No input, no output, no client; the day is an argument."""
