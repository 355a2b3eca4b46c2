"""Tokens that steer models and never belong to a document: none of them is ever shown.

Families are listed with the tokens that their templates, repositories and chat formats use; where a service forgets to
hold one back, it arrives as plain text.
"""

from __future__ import annotations

CODESTRAL = ("[SUFFIX]", "[PREFIX]", "[MIDDLE]", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[TOOL_CALLS]")
CODE_LLAMA = ("<PRE>", "<SUF>", "<MID>", "<EOT>", "▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>")
STAR_CODER = (
    "<fim_prefix>",
    "<fim_suffix>",
    "<fim_middle>",
    "<fim_pad>",
    "<file_sep>",
    "<repo_name>",
    "<reponame>",
    "<filename>",
    "<gh_stars>",
    "<jupyter_start>",
    "<jupyter_text>",
    "<jupyter_code>",
    "<jupyter_output>",
    "<empty_output>",
    "<commit_before>",
    "<commit_msg>",
    "<commit_after>",
    "<issue_start>",
    "<issue_comment>",
    "<issue_closed>",
)
SANTA_CODER = ("<fim-prefix>", "<fim-suffix>", "<fim-middle>", "<fim-pad>")
QWEN = (
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|cursor|>",
)
DEEPSEEK = (
    "<｜fim▁begin｜>",
    "<｜fim▁hole｜>",
    "<｜fim▁end｜>",
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<|EOT|>",
)
GEMMA = ("<|file_separator|>", "<start_of_turn>", "<end_of_turn>", "<eos>", "<bos>", "<pad>")
GRANITE = ("<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>")
SEED = (
    "<[fim-prefix]>",
    "<[fim-suffix]>",
    "<[fim-middle]>",
    "<[begin▁of▁sentence]>",
    "<[end▁of▁sentence]>",
    "<[PAD▁TOKEN]>",
)
CODE_GEEX = ("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>", "<|user|>", "<|assistant|>", "<|observation|>")
NEXT_EDIT = (
    "<|editable_region_start|>",
    "<|editable_region_end|>",
    "<|user_cursor_is_here|>",
    "<|user_cursor|>",
    "<|start_of_file|>",
)
CHAT = (
    "<COMPLETION>",
    "</COMPLETION>",
    "{{FILL_HERE}}",
    "<|eot_id|>",
    "<|eom_id|>",
    "<</SYS>>",
    "<<SYS>>",
    "<s>",
    "</s>",
)

CONTROL_TOKENS: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *CODESTRAL,
            *CODE_LLAMA,
            *STAR_CODER,
            *SANTA_CODER,
            *QWEN,
            *DEEPSEEK,
            *GEMMA,
            *GRANITE,
            *SEED,
            *CODE_GEEX,
            *NEXT_EDIT,
            *CHAT,
        )
    )
)

OPENING = (
    "<MID>",
    "▁<MID>",
    "<fim_middle>",
    "<fim-middle>",
    "<|fim_middle|>",
    "<|code_middle|>",
    "<[fim-middle]>",
    "<｜fim▁end｜>",
    "<｜begin▁of▁sentence｜>",
    "<[begin▁of▁sentence]>",
)
"""Tokens that a prompt ends with, or a text begins with: said first, they say nothing of what follows."""

AMBIGUOUS = frozenset(
    ("<PRE>", "<filename>", "<eos>", "<bos>", "<pad>", "<s>", "</s>", "[PREFIX]", "[SUFFIX]", "[MIDDLE]")
)
"""Tokens that people write, too: they are text in strings, comments and markup, and where the document has them."""
