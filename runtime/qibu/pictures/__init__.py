"""Pictures read row by row."""

from .mnist_picture import read_picture as read_picture

__all__ = ["read_picture"]
