"""The tab that shows states."""
