"""What is said of a model: its figures, its card, its golden trace."""
