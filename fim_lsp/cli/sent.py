"""`fim-lsp doctor --sent FILE:LINE:COL`: the request that a completion there would send, unsent.

It is made as the server makes it, with this one file open: an editor's other open documents may add snippets. No key is
looked up, so none can be shown.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from fim_lsp import languages, trim
from fim_lsp.cli.complete import Place, parse_place
from fim_lsp.cli.here import workspace_of
from fim_lsp.context.gatherer import Gatherer
from fim_lsp.document import Snapshot
from fim_lsp.errors import ConfigurationError
from fim_lsp.generation import Ask, Refused, sampling
from fim_lsp.generations import place_of
from fim_lsp.network import require_safe
from fim_lsp.privacy.gate import Gate
from fim_lsp.prompting import Prompter
from fim_lsp.providers.base import Request
from fim_lsp.providers.presets import BY_KIND, endpoint_for, preset_for
from fim_lsp.reasons import SENTENCES
from fim_lsp.service import cache_key
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.settings.sources import Sources, user_file
from fim_lsp.settings.tree import MASK


@dataclass(frozen=True, slots=True)
class _Opened:
    """The file as if an editor had it open."""

    uri: str
    path: str
    language: str
    lines: tuple[str, ...]
    version: int = 1


class _Model:
    """Stands for a model that is not asked."""

    used = ""
    reads_context = True

    def generate(self, *_: object, **__: object) -> object:
        raise NotImplementedError


async def show(place_text: str, name: str, settings: Settings, *, as_json: bool) -> int:
    """Prints the request to the provider `name`. Exit code 1: nothing would be sent, and why."""
    place = parse_place(place_text)
    try:
        request = await request_for(place, name, settings)
    except Refused as refused:
        print(f"Nothing is sent: {SENTENCES[refused.reason]} ({refused.detail})", file=sys.stderr)
        return 1
    except ConfigurationError as error:
        print(f"Nothing is sent: {error.message}", file=sys.stderr)
        return 1
    if request is None:
        print(f"Nothing is sent: {name} answers on this machine.", file=sys.stderr)
        return 1
    body = msgspec.json.encode(request.body)
    if as_json:
        shown = {"url": request.url, "headers": request.headers, "body": msgspec.Raw(body)}
        print(msgspec.json.encode(shown).decode())
    else:
        _print(request.url, request.headers, body)
    return 0


async def request_for(place: Place, name: str, settings: Settings) -> Request | None:
    """What a completion at the place would send to a provider, but for the key; None: it would stay on this machine.

    Headers of the user's own may hold a key as well: they are masked. Raises Refused and ConfigurationError.
    """
    own = settings.providers.get(name, ProviderSettings())
    if preset_for(name, own).kind == "lookup":
        return None
    endpoint = endpoint_for(name, own)
    require_safe(endpoint.base_url, allow_http=own.allow_http)
    folder, path = str(workspace_of(place.path)), str(place.path)
    sources = Sources(environ=os.environ, user_file=user_file())
    sources.configure(folders=[folder])
    gate = Gate([folder])
    snapshot = _snapshot(place)
    verdict = gate.may_leave(path, settings.privacy, uri=snapshot.uri)
    if not verdict.allowed and verdict.reason is not None:
        raise Refused(verdict.reason, verdict.rule)
    gatherer = Gatherer(clock=time.monotonic, may_leave=lambda other: gate.may_leave(other, settings.privacy).allowed)
    gatherer.opened(_Opened(snapshot.uri, path, snapshot.language, tuple(place.lines)))
    gatherer.visited(snapshot)
    prompter = Prompter(gatherer=gatherer, settings_for=lambda _: settings, folder_of=sources.folder_of)
    completion = settings.completion_for(snapshot.language)
    shaped: trim.Place = place_of(snapshot, completion)
    prompt = await prompter.make(Ask(snapshot, "", completion, lambda: shaped, True, _Model()))  # type: ignore[arg-type]
    request = BY_KIND[endpoint.kind].encode(prompt, sampling(completion, 0, cache_key(snapshot.uri)), endpoint)
    return replace(request, headers={**request.headers, **dict.fromkeys(own.headers, MASK)})


def _snapshot(place: Place) -> Snapshot:
    lines = place.lines
    line = lines[place.line]
    return Snapshot(
        uri=place.path.as_uri(),
        language=languages.from_path(str(place.path)).id,
        version=1,
        before="\n".join([*lines[: place.line], line[: place.column]]),
        after="\n".join([line[place.column :], *lines[place.line + 1 :]]),
        path=str(place.path),
        line=place.line,
    )


def _print(url: str, headers: Mapping[str, str], body: bytes) -> None:
    print(f"POST {url}")
    for key, value in headers.items():
        print(f"{key}: {value}")
    print()
    sys.stdout.flush()
    sys.stdout.buffer.write(body + b"\n")
