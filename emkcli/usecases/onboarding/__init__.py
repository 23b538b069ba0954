"""From nobody to an open card: account, login, consents, clinic, and what comes next."""
