"""The heavier suite, which `tests/llama/run` runs: our providers against a real llama-server with a made-up model."""
