"""What protects the person at the terminal and the secrets of the card."""
