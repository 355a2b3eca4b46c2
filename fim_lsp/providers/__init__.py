"""Wire formats: translation only. A provider never talks."""
