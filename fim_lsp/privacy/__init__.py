"""What may leave this machine: which files, and which parts of their text."""
