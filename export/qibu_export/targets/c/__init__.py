"""C99 source without a runtime."""
