"""Checks of the installation and of a backend, and what the audit log is told."""
