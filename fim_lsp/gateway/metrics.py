"""Figures for Prometheus: who asked, how it went and how long it took. Names of keys, nothing of any prompt."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from fim_lsp.providers.base import Usage

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Several workers write their figures there; it is set before they start."""
TYPE = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self._requests = Counter("fim_requests", "Answers by status; 499: the caller left", LABELS, registry=own)
        self._tokens = Counter("fim_tokens", "Tokens", ["model", "key", "kind"], registry=own)
        self._first = Histogram(
            "fim_first_token_seconds", "Until the first text", ["model"], buckets=SECONDS, registry=own
        )
        self._whole = Histogram("fim_answer_seconds", "Until the end", ["model"], buckets=SECONDS, registry=own)
        self._failures = Counter("fim_upstream_failures", "By provider and cause", ["provider", "cause"], registry=own)
        self._running = Gauge("fim_running", "Being answered", registry=own, multiprocess_mode="livesum")
        self._waiting = Gauge("fim_waiting", "In the queue", registry=own, multiprocess_mode="livesum")

    def answered(self, *, model: str, key: str, provider: str, status: int) -> None:
        self._requests.labels(model, key, provider, status).inc()

    def took(self, model: str, first_s: float | None, whole_s: float) -> None:
        if first_s is not None:
            self._first.labels(model).observe(first_s)
        self._whole.labels(model).observe(whole_s)

    def spent(self, model: str, key: str, usage: Usage) -> None:
        for kind, tokens in (("prompt", usage.prompt), ("completion", usage.completion), ("cached", usage.cached)):
            self._tokens.labels(model, key, kind).inc(tokens)

    def failed(self, provider: str, cause: str) -> None:
        self._failures.labels(provider, cause).inc()

    def crowd(self, running: int, waiting: int) -> None:
        self._running.set(running)
        self._waiting.set(waiting)

    def page(self) -> bytes:
        """Of all workers."""
        if not os.environ.get(SHARED_FOLDER):
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)


LABELS = ["model", "key", "provider", "status"]
