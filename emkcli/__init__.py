"""`emk`: the electronic medical card of a Moscow patient, in the shell and in Python."""

__version__ = "0.1.0"
