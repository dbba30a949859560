"""The tab that reads digits."""
