"""The tab that reads pictures."""
