"""How a prompt is written for a model family: the order of its parts, the tokens between them, and where to stop.

One record a family, found by the model's name only where the name leaves no doubt; a `template` that the user names
beats any guess. Services that place the parts themselves (Mistral, llama.cpp, …) need none of this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fim_lsp import languages
from fim_lsp.errors import NoInfill
from fim_lsp.providers.base import Endpoint, Prompt


@dataclass(frozen=True, slots=True)
class Format:
    """The tokens of a family. In `project`, `file`, `current` and `lead`, {name} words are replaced by the prompt's."""

    name: str
    models: str
    """Regular expression for the names of models that were trained on this."""
    prefix: str
    suffix: str
    middle: str = ""
    suffix_first: bool = False
    project: str = ""
    """Opens a prompt that has snippets: {project}."""
    file: str = ""
    """A snippet: {path}, {text}. Empty: the family knows no other files, so snippets are left out."""
    current: str = ""
    """Comes before the current file when there are snippets: {path}."""
    lead: str = ""
    """Always comes right before the first of prefix and suffix: {path}, {language}."""
    opening: str = ""
    """Begins every prompt."""
    files_in_prefix: bool = False
    """Snippets are part of the text before the cursor, not of what surrounds it."""
    stops: tuple[str, ...] = ()

    def write(self, prompt: Prompt) -> str:
        """The whole prompt as one text."""
        context = self.context(prompt)
        outside, inside = ("", context) if self.files_in_prefix else (context, "")
        around = (self.prefix + inside + prompt.prefix, self.suffix + prompt.suffix)
        parts = reversed(around) if self.suffix_first else around
        lead = _fill(self.lead, path=prompt.path, language=prompt.language)
        return "".join((self.opening, outside, lead, *parts, self.middle))

    def context(self, prompt: Prompt) -> str:
        """The snippets, and where the current file begins after them."""
        if not prompt.snippets or not self.file:
            return ""
        files = (_fill(self.file, path=snippet.path, text=snippet.text.rstrip("\n")) for snippet in prompt.snippets)
        project = _fill(self.project, project=prompt.project or "project")
        return "".join((project, *files, _fill(self.current, path=prompt.path)))


QWEN_STOPS = (
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<|im_start|>",
    "<|im_end|>",
)
STAR_STOPS = ("<|endoftext|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", "<repo_name>")

FORMATS: dict[str, Format] = {
    record.name: record
    for record in (
        Format(
            "codestral",
            r"codestral(?!.*mamba)",
            prefix="[PREFIX]",
            suffix="[SUFFIX]",
            suffix_first=True,
            file="+++++ {path}\n{text}\n\n",
            current="+++++ {path}\n",
            files_in_prefix=True,
            stops=("[PREFIX]", "[SUFFIX]", "[MIDDLE]", "\n+++++ "),
        ),
        Format(
            "qwen",
            r"qwen-?(2\.5|3|3\.\d+)?-?coder",
            prefix="<|fim_prefix|>",
            suffix="<|fim_suffix|>",
            middle="<|fim_middle|>",
            project="<|repo_name|>{project}\n",
            file="<|file_sep|>{path}\n{text}\n",
            current="<|file_sep|>{path}\n",
            stops=QWEN_STOPS,
        ),
        Format(
            "starcoder2",
            r"star-?coder",
            prefix="<fim_prefix>",
            suffix="<fim_suffix>",
            middle="<fim_middle>",
            project="<repo_name>{project}",
            file="<file_sep>{path}\n{text}\n",
            current="<file_sep>",
            stops=STAR_STOPS,
        ),
        Format(
            "stable-code",
            r"stable-?code",
            prefix="<fim_prefix>",
            suffix="<fim_suffix>",
            middle="<fim_middle>",
            stops=(*STAR_STOPS, "</fim_middle>", "</code>"),
        ),
        Format(
            "codellama",
            r"code-?llama",
            prefix="<PRE> ",
            suffix=" <SUF>",
            middle=" <MID>",
            stops=("<PRE>", "<SUF>", "<MID>", "<EOT>"),
        ),
        Format(
            "deepseek",
            r"deepseek-?coder(?!.*instruct)",
            prefix="<｜fim▁begin｜>",
            suffix="<｜fim▁hole｜>",
            middle="<｜fim▁end｜>",
            stops=("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<｜end▁of▁sentence｜>", "<|EOT|>"),
        ),
        Format(
            "codegemma",
            r"code-?gemma",
            prefix="<|fim_prefix|>",
            suffix="<|fim_suffix|>",
            middle="<|fim_middle|>",
            file="<|file_separator|>{path}\n{text}\n",
            current="<|file_separator|>{path}\n",
            stops=(
                "<|fim_prefix|>",
                "<|fim_suffix|>",
                "<|fim_middle|>",
                "<|file_separator|>",
                "<end_of_turn>",
                "<eos>",
            ),
        ),
        Format(
            "granite",
            r"granite-?(4|code-4)",
            prefix="<|fim_prefix|>",
            suffix="<|fim_suffix|>",
            middle="<|fim_middle|>",
            stops=("<|end_of_text|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>"),
        ),
        Format(
            "granite-code",
            r"granite-?(3b|8b|20b|34b)?-?code",
            prefix="<fim_prefix>",
            suffix="<fim_suffix>",
            middle="<fim_middle>",
            stops=STAR_STOPS,
        ),
        Format(
            "seed-coder",
            r"seed-?coder(?!.*(instruct|reasoning))",
            prefix="<[fim-prefix]>",
            suffix="<[fim-suffix]>",
            middle="<[fim-middle]>",
            suffix_first=True,
            stops=("<[end▁of▁sentence]>", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"),
        ),
        Format(
            "mellum",
            r"mellum",
            prefix="<fim_prefix>",
            suffix="<fim_suffix>",
            middle="<fim_middle>",
            suffix_first=True,
            file="<filename>{path}\n{text}\n",
            lead="<filename>{path}\n",
            stops=("<|endoftext|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<filename>", "<fim_pad>"),
        ),
        Format(
            "codegeex",
            r"codegeex-?4",
            prefix="<|code_prefix|>",
            suffix="<|code_suffix|>",
            middle="<|code_middle|><|assistant|>\n",
            suffix_first=True,
            opening="<|user|>\n",
            file="###REFERENCE:\n###PATH:{path}\n{text}\n",
            lead="###PATH:{path}\n###LANGUAGE:{language}\n###MODE:BLOCK\n",
            stops=(
                "<|user|>",
                "<|code_prefix|>",
                "<|code_suffix|>",
                "<|code_middle|>",
                "<|assistant|>",
                "<|endoftext|>",
            ),
        ),
    )
}

PLAIN = "none"
"""The template that is none: the text before the cursor and nothing else, for models that can only go on."""

BY_MODEL = "by-model"
"""The template that the model's name tells."""


def codestral_prefix(prompt: Prompt) -> tuple[str, tuple[str, ...]]:
    """The text before the cursor with the snippets above it, and the stops that this asks for, as Codestral's clients
    do it. Without snippets nothing is added.
    """
    context = FORMATS["codestral"].context(prompt)
    return context + prompt.prefix, ("\n+++++ ",) if context else ()


def commented_prefix(prompt: Prompt) -> str:
    """The text before the cursor with the snippets above it as comments: for services that hide which model reads."""
    marks = languages.get(prompt.language).comment
    if marks is None:
        return prompt.prefix
    begin, end = marks
    snippets = (snippet for snippet in prompt.snippets if not end or end not in snippet.text)
    lines = (line for snippet in snippets for line in (f"Path: {snippet.path}", *snippet.text.split("\n"), ""))
    return "".join(f"{begin} {line} {end}".rstrip() + "\n" for line in lines) + prompt.prefix


def format_for(endpoint: Endpoint) -> Format | None:
    """The format that the user named, or the model's name tells; None for `none`. Raises NoInfill where neither does.

    An unknown model is never guessed at: what it then says looks like code, and is chat.
    """
    if endpoint.template == PLAIN:
        return None
    if endpoint.template and endpoint.template != BY_MODEL:
        if (named := FORMATS.get(endpoint.template)) is not None:
            return named
        raise NoInfill(f"There is no template {endpoint.template}. {_choices(endpoint)}")
    if (known := format_of_model(endpoint.model)) is not None:
        return known
    raise NoInfill(f"How {endpoint.model or 'this model'} fills in the middle is not known. {_choices(endpoint)}")


def format_of_model(model: str) -> Format | None:
    """By the name's last part: owners and folders say nothing about a model."""
    name = re.split(r"[/\\]", model.lower())[-1].replace("_", "-")
    return next((record for record in FORMATS.values() if re.search(record.models, name)), None)


def written(prompt: Prompt, endpoint: Endpoint) -> tuple[str, tuple[str, ...]]:
    """The prompt as one text with the family's tokens, and its stops. Raises NoInfill."""
    record = format_for(endpoint)
    return (prompt.prefix, ()) if record is None else (record.write(prompt), record.stops)


def _choices(endpoint: Endpoint) -> str:
    return f"Set template in [providers.{endpoint.name}] to one of {', '.join(FORMATS)}, or {PLAIN} to only go on."


def _fill(pattern: str, **values: str) -> str:
    """Replaces {name} words in one pass, so that no value is searched for names."""
    return re.sub(r"\{(\w+)\}", lambda word: values[word[1]], pattern) if pattern else ""
