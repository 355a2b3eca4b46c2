"""Programs that print figures, each beside something measured in the same run; `python -m tests.bench` runs them."""
