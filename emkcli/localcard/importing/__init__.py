"""One document into the local card: whose it is, what of it is stored, what is read anew."""
