"""What must not leak and who may see it: keyrings, sessions, passphrases, the redactor, the audit log, text safe to show."""
