"""What a model file can be turned into."""
