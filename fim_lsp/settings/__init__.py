"""Settings: defined in `model` and nowhere else, merged from five sources in `resolve`."""
