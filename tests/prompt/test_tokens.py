"""The estimate, against counts of the Codestral family's own tokenizer, taken once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.prompt.tokens import MOST_CHARS_PER_TOKEN, estimate, weigh

PYTHON = '''def read_config(path: Path, *, encoding: str = "utf-8") -> dict[str, Any]:
    """Read a TOML file, or an empty table where there is none."""
    try:
        text = path.read_text(encoding)
    except FileNotFoundError:
        return {}
    return tomllib.loads(text)
'''
TYPESCRIPT = """export async function fetchUser(id: number, signal?: AbortSignal): Promise<User | undefined> {
  const response = await fetch(`/api/users/${id}`, { signal });
  if (!response.ok) {
    return undefined;
  }
  return (await response.json()) as User;
}
"""
GO = """func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
\tctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
\tdefer cancel()
\tif err := s.store.Save(ctx, r.Body); err != nil {
\t\thttp.Error(w, err.Error(), http.StatusInternalServerError)
\t}
}
"""
JSON = """{
  "name": "fixture",
  "version": "1.24.303",
  "files": ["a.js", "b.js"],
  "size": 1048576
}
"""
PROSE = (
    "The server answers within a few milliseconds, because it has asked before the editor did, and it keeps what it "
    "was told until the text no longer fits.\n"
)
CHINESE = "# 抽象语法树是源代码语法结构的一种抽象表示\n# 树上的每个节点都表示源代码中的一种结构\n"
JAPANESE = "# 設定ファイルを読み込みます。見つからない場合は既定値を使います。\n"


@pytest.mark.parametrize(
    ("text", "counted"),
    [(PYTHON, 83), (TYPESCRIPT, 74), (GO, 95), (JSON, 56), (PROSE, 33), (CHINESE, 45), (JAPANESE, 35)],
)
def test_is_within_a_third_of_what_the_tokenizer_counts(text: str, counted: int) -> None:
    assert 0.85 * counted <= estimate(text) <= 1.33 * counted


def test_counts_an_emoji_as_several_tokens() -> None:
    assert estimate("🎉🚀🔥🐍✨") >= 10  # 13 with its quotes, says the tokenizer


@given(st.text(), st.text())
def test_parts_weigh_as_much_as_the_whole(one: str, other: str) -> None:
    assert weigh(one) + weigh(other) == weigh(one + other)


@given(st.text())
def test_no_text_has_more_characters_to_a_token_than_blanks(text: str) -> None:
    assert len(text) <= estimate(text) * MOST_CHARS_PER_TOKEN


@given(st.text(alphabet=st.characters(codec="utf-16", categories=("Cs", "Lu"))))
def test_takes_halves_of_characters(text: str) -> None:
    assert estimate(text) >= 0


def test_nothing_costs_nothing() -> None:
    assert estimate("") == 0
