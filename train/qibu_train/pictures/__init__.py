"""Pictures read row by row: what digits and a user's own pictures share, and the latter."""
