"""The tab that lists models."""
