"""Logins in a browser: the page a person fills in, the programs that may ask for it, and OpenID Connect around both."""
