"""Networks that write: what every task of text trains."""
