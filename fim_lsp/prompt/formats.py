"""How a prompt is written for a model family: the order of its parts, the tokens between them, and where to stop."""

from __future__ import annotations

from fim_lsp.providers.base import Prompt

CODESTRAL_HEADING = "+++++ "


def codestral_prompt(prompt: Prompt) -> tuple[str, tuple[str, ...]]:
    """The text before the cursor with the snippets above it, and the stops that this asks for.

    Files are set apart as Codestral's clients do; without snippets nothing is added.
    """
    if not prompt.snippets:
        return prompt.prefix, ()
    blocks = [f"{CODESTRAL_HEADING}{snippet.path}\n{snippet.text.rstrip()}\n\n" for snippet in prompt.snippets]
    return f"{''.join(blocks)}{CODESTRAL_HEADING}{prompt.path}\n{prompt.prefix}", (f"\n{CODESTRAL_HEADING}",)
