"""All languages. To add one, add a record to the module of its kind: nothing else in the package names it."""

from __future__ import annotations

from fim_lsp.languages.braces import BRACES
from fim_lsp.languages.indentation import INDENTATION
from fim_lsp.languages.markup import MARKUPS
from fim_lsp.languages.record import Language
from fim_lsp.languages.text import TEXTS
from fim_lsp.languages.words import WORDS

LANGUAGES: tuple[Language, ...] = INDENTATION + BRACES + WORDS + MARKUPS + TEXTS
