"""ESIA (ЕСИА): OAuth 2.0 as Gosuslugi speaks it, for an organisation with a registered information system.

Built from the public guidelines (version 3.48); nothing here was run against the real service.
"""
