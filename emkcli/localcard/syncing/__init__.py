"""A server's card into its local copy: one run, its pieces, and how far it has come."""
