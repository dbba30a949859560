"""The tab that writes any text, for a model of the user's own."""
