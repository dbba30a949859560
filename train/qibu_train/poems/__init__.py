"""The poem task."""
