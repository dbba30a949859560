"""The tab that writes poems."""
