"""What a person has set and what a profile has seen: settings and their origins, places of files, durations."""
