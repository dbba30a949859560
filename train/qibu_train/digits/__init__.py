"""The digit task."""
