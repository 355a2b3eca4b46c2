"""The services a user can name with one word, and how such a name becomes an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fim_lsp.errors import ConfigurationError
from fim_lsp.prompt.formats import BY_MODEL
from fim_lsp.providers.base import Endpoint, Provider
from fim_lsp.providers.deepseek import DeepSeek
from fim_lsp.providers.fields import merged
from fim_lsp.providers.llamacpp import LlamaCpp
from fim_lsp.providers.mercury import Mercury
from fim_lsp.providers.mistral import Mistral
from fim_lsp.providers.ollama import Ollama
from fim_lsp.providers.openai import OpenAI
from fim_lsp.providers.tabby import Tabby
from fim_lsp.providers.tgi import Tgi
from fim_lsp.providers.vertex import Vertex
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
    template: str = ""
    """`formats.BY_MODEL` where the server is known to refuse a suffix."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    next_step: str = ""
    """For people, where `base_url` has to be set: what it looks like."""


PRESETS: dict[str, Preset] = {
    "mistral": Preset("mistral", "https://api.mistral.ai/v1", "codestral-latest", "MISTRAL_API_KEY", needs_key=True),
    "codestral": Preset(
        "mistral", "https://codestral.mistral.ai/v1", "codestral-latest", "CODESTRAL_API_KEY", needs_key=True
    ),
    "azure": Preset(
        "mistral",
        model="codestral-2501",
        key_env="AZURE_AI_API_KEY",
        needs_key=True,
        next_step="https://DEPLOYMENT.REGION.models.ai.azure.com/v1",
    ),
    "vertex": Preset(
        "vertex",
        model="codestral-2",
        needs_key=True,
        next_step="https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION",
    ),
    "llamacpp": Preset(
        "llamacpp",
        "http://127.0.0.1:8080",
        key_env="LLAMA_API_KEY",
        needs_model=False,
        extra={"t_max_predict_ms": 5000},
    ),
    "ollama": Preset("ollama", "http://127.0.0.1:11434", key_env="OLLAMA_API_KEY", extra={"keep_alive": "30m"}),
    "openai": Preset("openai", next_step="https://HOST/v1"),  # no variable: its key would go to just any host
    "vllm": Preset("openai", "http://127.0.0.1:8000/v1", key_env="VLLM_API_KEY", template=BY_MODEL),
    "sglang": Preset("openai", "http://127.0.0.1:30000/v1", key_env="SGLANG_API_KEY", template=BY_MODEL),
    "lmstudio": Preset("openai", "http://127.0.0.1:1234/v1", template=BY_MODEL),
    "litellm": Preset("openai", "http://127.0.0.1:4000/v1", key_env="LITELLM_API_KEY"),
    "deepseek": Preset(
        "deepseek", "https://api.deepseek.com/beta", "deepseek-v4-flash", "DEEPSEEK_API_KEY", needs_key=True
    ),
    "mercury": Preset(
        "mercury", "https://api.inceptionlabs.ai/v1", "mercury-edit-2", "INCEPTION_API_KEY", needs_key=True
    ),
    "siliconflow": Preset(
        "openai",
        "https://api.siliconflow.cn/v1",
        "Qwen/Qwen2.5-Coder-32B-Instruct",
        "SILICONFLOW_API_KEY",
        needs_key=True,
    ),
    "fireworks": Preset(
        "openai",
        "https://api.fireworks.ai/inference/v1",
        key_env="FIREWORKS_API_KEY",
        needs_key=True,
        template=BY_MODEL,
    ),
    "tgi": Preset("tgi", "http://127.0.0.1:3000", key_env="TGI_API_KEY", template=BY_MODEL),
    "tabby": Preset("tabby", "http://127.0.0.1:8080", key_env="TABBY_TOKEN", needs_model=False),
    "lookup": Preset("lookup", needs_model=False),
}
"""By name, which is also what `kind` may say."""

BY_KIND: dict[str, Provider] = {
    provider.kind: provider
    for provider in (Mistral(), Vertex(), LlamaCpp(), Ollama(), OpenAI(), DeepSeek(), Mercury(), Tgi(), Tabby())
}
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
        like = f", such as {preset.next_step}" if preset.next_step else ""
        raise ConfigurationError(f"The provider {name} has no address. Set base_url in [providers.{name}]{like}.")
    model = settings.model or preset.model
    if not model and preset.needs_model:
        raise ConfigurationError(f"The provider {name} has no model. Set model in [providers.{name}].")
    return Endpoint(
        name=name,
        kind=preset.kind,
        base_url=base_url.rstrip("/"),
        model=model,
        template=settings.template or preset.template,
        extra=merged(dict(preset.extra), settings.extra),
    )
