"""Which upstreams a call is offered to, and in which order.

Several upstreams behind one name each keep the prompts warm that they have seen. Rendezvous hashing sends a place to
the same one each time, without any table that workers and hosts would have to share; when one goes, only what it had
moves. After them come the fall-backs, in the order in which they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from fim_lsp.chain import Chain, Failed
from fim_lsp.gateway.api import Call
from fim_lsp.link import Link

HEAD_CHARS = 512
"""So much of a prompt says which place it is of. It moves only when the window's head does."""


@dataclass(frozen=True, slots=True)
class Model:
    """A name that callers may ask for, and who answers then."""

    name: str
    upstreams: tuple[Link, ...]
    fallback: tuple[Link, ...] = ()

    def chain(self, call: Call, failed: Failed = lambda error, provider: None) -> Chain:
        links = {link.name: link for link in self.upstreams}
        ordered = [links[name] for name in order(links, place_of(call))]
        return Chain((*ordered, *self.fallback), failed=failed)


Models = Mapping[str, Model]


def place_of(call: Call) -> str:
    """What stays the same from one key to the next: the caller's word for it, else the prompt's first whole lines."""
    if call.sampling.cache_key:
        return call.sampling.cache_key
    head = call.prompt[:HEAD_CHARS]
    return head if len(call.prompt) > HEAD_CHARS else head[: head.rfind("\n") + 1]


def order(names: Iterable[str], place: str) -> list[str]:
    """The highest score first; a name's score for a place depends on nothing else."""
    return sorted(names, key=lambda name: (_score(name, place), name), reverse=True)


def _score(name: str, place: str) -> bytes:
    return blake2b(place.encode("utf-8", "surrogatepass"), key=blake2b(name.encode()).digest(), digest_size=8).digest()
