"""Getting files and checking them; no word of what they hold."""
