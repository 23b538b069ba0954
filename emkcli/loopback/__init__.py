"""What a browser on this machine reaches for a moment: the answer of a login, a page that is handed over once."""

ADDRESSES = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
"""Names of this machine and what is bound for each; there is no other."""
