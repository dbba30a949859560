"""Any text of one's own."""
