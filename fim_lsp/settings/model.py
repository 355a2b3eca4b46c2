"""Every setting, its default, its range and its description: the one place that defines them.

`fim-lsp config --schema`, the settings reference and the editors' settings pages are generated from here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Mode = Literal["auto", "single", "multi"]
Count = Annotated[int, Meta(ge=0)]


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """When to complete, and how much."""

    mode: Annotated[Mode, Meta(description="One line, a block, or as the code around asks for.")] = "auto"
    trigger: Annotated[Literal["auto", "manual"], Meta(description="manual: only when asked for by hand.")] = "auto"
    max_tokens: Annotated[int, Meta(ge=1, description="At most this many tokens a request.")] = 128
    max_lines: Annotated[
        int, Meta(ge=0, description="At most this many lines are shown; 0: the shape of the code decides.")
    ] = 0
    temperature: Annotated[float, Meta(ge=0, le=2, description="Sampling temperature.")] = 0.0
    top_p: Annotated[float, Meta(ge=0, le=1, description="Nucleus sampling; sent only when set.")] | None = None
    min_tokens: Annotated[int, Meta(ge=0, description="Sent only when set.")] | None = None
    random_seed: Annotated[int, Meta(ge=0, description="Sent only when set.")] | None = None
    stop: Annotated[
        tuple[str, ...], Meta(description="Stop strings, sent only when set; a single string is taken too.")
    ] = ()
    debounce_ms: Annotated[
        Literal["auto"] | Annotated[int, Meta(ge=0, le=60_000)],
        Meta(description='Pause before a request. "auto" waits only where the key is probably not what you keep.'),
    ] = "auto"
    deadline_ms: Annotated[int, Meta(ge=50, le=120_000, description="No answer takes longer.")] = 5000
    speculate: Annotated[
        bool,
        Meta(description="Continue a suggestion that was cut, before its end is reached."),
    ] = True
    candidates: Annotated[int, Meta(ge=1, le=10, description="Suggestions to choose from when asked by hand.")] = 3


class LanguageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[languages.ID]`: any key of [completion], or `enabled = false`."""

    enabled: Annotated[bool, Meta(description="Whether this language is completed at all.")] = True
    completion: dict[str, Any] = {}
    """The [completion] keys as set for this language, already checked."""


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[providers.NAME]`: one place to ask."""

    kind: Annotated[str, Meta(description="The wire format; by default the table's name.")] = ""
    base_url: Annotated[str, Meta(description="Where the API begins.")] = ""
    model: Annotated[str, Meta(description="Model id, as the service spells it.")] = ""
    api_key: Annotated[str, Meta(description="The key itself; better one of the two below.")] = ""
    api_key_command: Annotated[
        str | tuple[str, ...], Meta(description="A command that prints the key; run again after a 401.")
    ] = ""
    api_key_env: Annotated[str, Meta(description="Name of the environment variable that holds the key.")] = ""
    allow_http: Annotated[bool, Meta(description="Allow plain http beyond this machine.")] = False
    template: Annotated[str, Meta(description="Prompt template of the model family; see docs/providers.md.")] = ""
    extra: Annotated[dict[str, Any], Meta(description="Merged into the request body as it stands.")] = {}
    headers: Annotated[dict[str, str], Meta(description="Sent with every request.")] = {}
    price_in: Annotated[float, Meta(ge=0, description="Price of a million prompt tokens.")] | None = None
    price_out: Annotated[float, Meta(ge=0, description="Price of a million generated tokens.")] | None = None


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What the model reads besides the text around the cursor."""

    enabled: Annotated[bool, Meta(description="Take snippets from other places.")] = True
    max_tokens: Annotated[int, Meta(ge=64, le=1_000_000, description="Prompt, suffix and snippets together.")] = 2048
    definitions: Annotated[bool, Meta(description="Definitions of names that the code near the cursor uses.")] = True
    edits: Annotated[bool, Meta(description="Recently edited places.")] = True
    visits: Annotated[bool, Meta(description="Recently visited places.")] = True
    similar: Annotated[bool, Meta(description="Similar code in open and neighbouring files.")] = True
    head: Annotated[bool, Meta(description="The file's own head when the window cuts it off.")] = True


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What may be spent."""

    requests_per_minute: Annotated[int, Meta(ge=0, description="0: no limit of ours.")] = 0
    tokens_per_day: Annotated[int, Meta(ge=0, description="0: no limit of ours.")] = 0
    money_per_day: Annotated[
        float, Meta(ge=0, description="In the currency of price_in and price_out; 0: no limit.")
    ] = 0.0


class Privacy(msgspec.Struct, frozen=True, kw_only=True):
    """What may leave this machine."""

    ignore: Annotated[
        tuple[str, ...], Meta(description="Globs, on top of .gitignore, .fimignore and the secret list.")
    ] = ()
    redact: Annotated[bool, Meta(description="Replace secrets in allowed text before it is sent.")] = True
    outside: Annotated[
        Literal["open", "never"], Meta(description='Files outside the workspace: "open" completes them when opened.')
    ] = "open"


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the network."""

    proxy: Annotated[str, Meta(description="Proxy for this tool only; else HTTPS_PROXY and NO_PROXY hold.")] = ""
    ca_file: Annotated[str, Meta(description="Certificates to trust besides the system's (PEM).")] = ""
    client_cert: Annotated[str, Meta(description="Client certificate (PEM).")] = ""
    client_key: Annotated[str, Meta(description="Its key (PEM).")] = ""


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """The embedded engine."""

    automatic_gate: Annotated[
        float, Meta(ge=0, le=1, description="Shown unasked only if right at least this often.")
    ] = 0.65
    invoked_gate: Annotated[float, Meta(ge=0, le=1, description="The same when asked for by hand.")] = 0.15
    max_memory_mb: Annotated[int, Meta(ge=1, le=4096, description="Bound of the index.")] = 60
    while_waiting: Annotated[bool, Meta(description="Answer from lookup while the model's first answer is out.")] = (
        False
    )


class Menu(msgspec.Struct, frozen=True, kw_only=True):
    """The completion menu, for editors without ghost text."""

    completion: Annotated[
        Literal["auto", "on", "off"], Meta(description="auto: only for editors that lack inline completion.")
    ] = "auto"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of one document, decided."""

    provider: Annotated[str | tuple[str, ...], Meta(description='"auto", a name, or a list tried in order.')] = "auto"
    enabled: Annotated[bool, Meta(description="The whole server.")] = True
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="To stderr and the editor's log.")
    ] = "warning"
    providers: Annotated[
        dict[str, ProviderSettings], Meta(description="A table for each provider; its name is free.")
    ] = {}
    completion: Completion = Completion()
    context: Context = Context()
    limits: Limits = Limits()
    privacy: Privacy = Privacy()
    network: Network = Network()
    lookup: Lookup = Lookup()
    languages: Annotated[
        dict[str, LanguageSettings], Meta(description="A table for each language id that is to differ.")
    ] = {}
    menu: Menu = Menu()

    def enabled_for(self, language: str) -> bool:
        """Whether documents of this language id are completed at all."""
        return self.enabled and self._own(language).enabled

    def completion_for(self, language: str) -> Completion:
        """[completion] with what `[languages.ID]` says instead."""
        changes = self._own(language).completion
        return msgspec.structs.replace(self.completion, **changes) if changes else self.completion

    def _own(self, language: str) -> LanguageSettings:
        """`[languages.ID]`, whatever the case in which editor and user write the id."""
        if not self.languages or language in self.languages:
            return self.languages.get(language, _NOTHING_SET)
        name = language.strip().lower()
        return next((own for id, own in self.languages.items() if id.lower() == name), _NOTHING_SET)


_NOTHING_SET = LanguageSettings()
