"""The card of a person: read, searched, drawn, exported, kept on this machine."""
