"""What of a digit network goes into a graph or into C."""
