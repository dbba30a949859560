"""The tab that steps any model over a recording."""
