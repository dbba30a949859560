"""A trained network in, a verified file out."""
