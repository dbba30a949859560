"""The page itself: layout, limits, texts, errors."""
