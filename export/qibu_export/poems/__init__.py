"""What of a poem network goes into a graph or into C."""
