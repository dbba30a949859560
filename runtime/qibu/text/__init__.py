"""Any text: tokens, and how the next one is drawn."""
