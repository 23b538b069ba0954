"""The completion scripts' texts, one module per shell; each turns the command tree into a script of static words."""
