"""How `emk` speaks with a person: questions, the terminal, what is rendered, the help topics, completion scripts."""
