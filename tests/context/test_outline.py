"""What files define, by language."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fim_lsp import languages
from fim_lsp.context.outline import Outline

PYTHON = '''
    import os

    LIMIT = 10
    shared: dict[str, int] = {}


    def helper(one, two):
        local = 1
        return local


    class Stack(Base):
        """Last in, first out."""

        size: int = 0

        def __init__(self, items=()):
            self.items = list(items)
            self.top: int | None = None
            total = 0

        async def push(
            self,
            item,
        ):
            self.items.append(item)
'''
TYPESCRIPT = """
    export interface Options {
      depth: number;
    }
    export type Name = string | undefined;
    export const LIMIT = 10;
    export default class Tree<T> extends Base {
      private root?: Node<T>;
      constructor(private options: Options) {
        super();
      }
      async walk(visit: Visitor): Promise<void> {
        if (this.root) {
          visit(this.root);
        }
      }
    }
    function helper(a: number): number {
      return a;
    }
"""
GO = """
    type Server struct {
    \tstore Store
    }
    const limit = 10
    func (s *Server) Handle(w io.Writer) error {
    \tif check(w) {
    \t\treturn nil
    \t}
    }
    func New() *Server {
    }
"""
RUST = """
    pub struct Parser<'a> {
        text: &'a str,
    }
    impl Parser {
        pub fn next(&mut self) -> Option<Token> {
            let token = 1;
        }
    }
    pub(crate) const LIMIT: usize = 3;
    macro_rules! ensure {
    }
"""
JAVA = """
    public final class Account implements Owner {
        private int balance;
        public Account(int balance) {
            this.balance = balance;
        }
        public synchronized int withdraw(int amount) throws IOException {
            while (check(amount)) {
            }
        }
    }
"""
C = """
    #define LIMIT 10
    struct point {
        int x;
    };
    static int
    add(struct point *one, int two)
    {
        return helper(one,
                      two);
    }
    int main(int argc, char **argv) {
    }
"""
RUBY = """
    module Shop
      class Cart
        def total(rate = 1)
          sum = 0
        end
        def self.empty?
        end
      end
    end
"""
TABLE = [
    ("python", PYTHON, "LIMIT shared helper Stack size __init__ items top push"),
    ("typescript", TYPESCRIPT, "Options Name LIMIT Tree constructor walk helper"),
    ("go", GO, "Server limit Handle New"),
    ("rust", RUST, "Parser Parser next LIMIT ensure"),
    ("java", JAVA, "Account Account balance withdraw"),
    ("c", C, "LIMIT point add main"),
    ("ruby", RUBY, "Shop Cart total empty?"),
    ("lua", "local function a(b)\nend\nfunction M.b(c)\nend\n", "a"),
    ("shellscript", "limit=10\nfunction run {\n}\n", "limit run"),
    ("markdown", "# class A\ndef b():\n", ""),
    ("a language nobody knows", "def run(a):\n  b = 1\nlimit = 3\n", "run limit"),
]


def outline(language: str, text: str) -> Outline:
    return Outline(dedent(text).lstrip("\n").split("\n"), languages.get(language))


@pytest.mark.parametrize(("language", "text", "names"), TABLE, ids=[language for language, _, _ in TABLE])
def test_names(language: str, text: str, names: str) -> None:
    found = [each.name for each in outline(language, text).definitions]
    assert " ".join(found) == names


def test_a_card_of_a_class_shows_what_its_users_need() -> None:
    text = dedent(PYTHON).lstrip("\n") + "\n".join(f"    def more_{number}(self): ..." for number in range(3))
    read = outline("python", text)
    (stack,) = read.by_name["Stack"]
    assert read.card(stack) == [
        "class Stack(Base):",
        '    """Last in, first out."""',
        "    size: int = 0",
        "    def __init__(self, items=()):",
        "            self.items = list(items)".replace("    ", "", 1),
        "        self.top: int | None = None",
        "    async def push(",
        "        self,",
        "        item,",
        "    ):",
        "    def more_0(self): ...",
        "    def more_1(self): ...",
        "    def more_2(self): ...",
    ]


def test_a_short_type_is_shown_whole() -> None:
    read = outline("typescript", TYPESCRIPT)
    assert read.card(read.by_name["Options"][0]) == ["export interface Options {", "  depth: number;", "}"]


def test_of_a_long_function_only_the_signature() -> None:
    text = 'def long(\n    one,\n):\n    """Says it.\n\n    And more.\n    """\n' + "    call()\n" * 20
    read = outline("python", text)
    assert read.card(read.definitions[0]) == ["def long(", "    one,", "):", '    """Says it."""']


def test_what_encloses_a_line() -> None:
    read = outline("python", PYTHON)
    around = read.enclosing(len(read.lines) - 1, indent=12)
    assert [each.name for each in around] == ["Stack", "push"]
    assert [each.name for each in read.enclosing(7, indent=4)] == ["helper"]
    assert read.enclosing(3, indent=0) == []


@pytest.mark.parametrize(
    "line", ["a" * 50_000, "a b " * 10_000, "* & " * 10_000, "(" * 20_000, "self." * 10_000, "template <" * 5_000]
)
@pytest.mark.parametrize("language", ["cpp", "python", "rust"])
def test_hostile_lines_are_read_in_one_pass(language: str, line: str) -> None:
    assert len(outline(language, line).definitions) <= 1
