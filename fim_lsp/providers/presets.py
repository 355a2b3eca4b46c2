"""The services a user can name with one word, and how such a name becomes an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fim_lsp.errors import ConfigurationError
from fim_lsp.providers.base import Endpoint, Provider
from fim_lsp.providers.mistral import Mistral
from fim_lsp.settings.model import ProviderSettings


@dataclass(frozen=True, slots=True)
class Preset:
    """What a name stands for. An empty `base_url` or `model` is one that only the user can know."""

    kind: str
    base_url: str = ""
    model: str = ""
    key_env: str = ""
    needs_key: bool = False
    needs_model: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)


PRESETS: dict[str, Preset] = {
    "mistral": Preset("mistral", "https://api.mistral.ai/v1", "codestral-latest", "MISTRAL_API_KEY", needs_key=True),
    "codestral": Preset(
        "mistral", "https://codestral.mistral.ai/v1", "codestral-latest", "CODESTRAL_API_KEY", needs_key=True
    ),
    "azure": Preset("mistral", model="codestral-2501", key_env="AZURE_AI_API_KEY", needs_key=True),
    "lookup": Preset("lookup", needs_model=False),
}
"""By name, which is also what `kind` may say."""

BY_KIND: dict[str, Provider] = {provider.kind: provider for provider in (Mistral(),)}
"""The wire formats."""


def preset_for(name: str, settings: ProviderSettings) -> Preset:
    """By `kind`, or else by the table's own name."""
    preset = PRESETS.get(settings.kind or name)
    if preset is None:
        kinds = ", ".join(sorted(PRESETS))
        raise ConfigurationError(
            f"The provider {name} has no known kind. Set kind in [providers.{name}] to one of {kinds}."
        )
    return preset


def endpoint_for(name: str, settings: ProviderSettings) -> Endpoint:
    """The preset with what the user set on top. Raises ConfigurationError."""
    preset = preset_for(name, settings)
    base_url = settings.base_url or preset.base_url
    if not base_url:
        raise ConfigurationError(f"The provider {name} has no address. Set base_url in [providers.{name}].")
    model = settings.model or preset.model
    if not model and preset.needs_model:
        raise ConfigurationError(f"The provider {name} has no model. Set model in [providers.{name}].")
    return Endpoint(
        name=name,
        kind=preset.kind,
        base_url=base_url.rstrip("/"),
        model=model,
        template=settings.template,
        extra={**preset.extra, **settings.extra},
    )
