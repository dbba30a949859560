"""Any text's models as C: the step is that of every network, the program is here."""
