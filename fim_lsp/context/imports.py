"""What a file imports, and which files of the workspace that can be: a table of patterns and path rules by language.

No build system is read: a module name becomes a few paths, tried from the file's own folder up to the workspace folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fim_lsp.languages import Language
from fim_lsp.paths import is_inside

SEARCHED_CHARS = 20_000
"""Imports stand at the top of a file."""
MOST_IMPORTS = 60


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module."""

    module: str
    """As written: `.base`, `a.b`, `./x`, `crate::a`."""
    names: tuple[tuple[str, str], ...] = ()
    """Names taken from it: (as used here, as called there)."""
    alias: str = ""
    """What the module itself is called here; empty where only `names` are."""

    def named(self, name: str) -> str | None:
        """What `name` is called in the module, if it comes from there."""
        return next((there for here, there in self.names if here == name), None)


_COMMENT = re.compile(r"(?:#|//).*")
_NAME = re.compile(r"[^\W\d][\w$]*")

Paths = Callable[[str, str, str], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """How one family of languages imports.

    Groups of `pattern`: `module` or `whole` is the module, `names` or `picked` what is taken from it, and `alias`,
    `star` or `required` what the module itself is called.
    """

    pattern: re.Pattern[str]
    paths: Paths
    """Candidate paths of a module, the likeliest first: (module, the importing file's folder, the workspace folder)."""
    folders: bool = False
    """A module is a folder, and all the files in it."""


def imports(text: str, language: Language) -> tuple[Import, ...]:
    """The imports of a file, in order."""
    rule = RULES.get(language.id)
    if rule is None:
        return ()
    found = []
    for match in rule.pattern.finditer(text, 0, SEARCHED_CHARS):
        found.append(_import(match.groupdict(default="")))
        if len(found) == MOST_IMPORTS:
            break
    return tuple(found)


def _import(groups: dict[str, str]) -> Import:
    def first(*keys: str) -> str:
        return next((groups[key].strip() for key in keys if groups.get(key)), "")

    module = first("module", "whole")
    names = tuple(_names(first("names", "picked")))
    return Import(module, names, first("alias", "star", "required") or ("" if names else _last(module)))


def paths(imported: Import, language: Language, file: str, folder: str) -> Iterator[str]:
    """Files that `imported` may mean, the likeliest first, inside `folder`; whether they exist is for the caller."""
    rule = RULES[language.id]
    for candidate in rule.paths(imported.module, os.path.dirname(file), folder.rstrip("/\\")):
        path = os.path.normpath(candidate)
        if is_inside(path, folder):
            yield path


def _names(text: str) -> Iterator[tuple[str, str]]:
    """`A, B as C` and `type A, B: C`; comments and brackets do not matter."""
    text = _COMMENT.sub("", text)
    for part in text.split(","):
        words = _NAME.findall(part)
        if words and words[0] == "type" and len(words) > 1:
            words = words[1:]
        if words:
            yield words[-1], words[0]


def _last(module: str) -> str:
    """What a module is called where it has no alias: `a.b` is used as `b` in most languages, in Python as `a.b`."""
    return re.split(r"[./\\:]+", re.sub(r"\.\w{1,4}$", "", module) if "/" in module else module)[-1]


def _upwards(here: str, root: str) -> list[str]:
    """`here`, its parents up to `root`, and the folders where sources usually lie."""
    above = []
    while len(here) >= len(root):
        above.append(here)
        here = os.path.dirname(here)
        if here == above[-1]:
            break
    return [*above, *(f"{root}/{name}" for name in ("src", "lib", "app", "include"))]


def _python(module: str, here: str, root: str) -> Iterator[str]:
    name = module.lstrip(".")
    dots = len(module) - len(name)
    path = name.replace(".", "/")
    bases = [here + "/.." * (dots - 1)] if dots else _upwards(here, root)[::-1]
    for base in bases:
        if path:
            yield f"{base}/{path}.py"
            yield f"{base}/{path}.pyi"
        yield f"{base}/{path}/__init__.py"


_SCRIPT_ENDS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", "/index.ts", "/index.tsx", "/index.js")


def _script(module: str, here: str, root: str) -> Iterator[str]:
    if module.startswith("."):
        bases: tuple[str, ...] = (f"{here}/{module}",)
    else:
        inner = module.lstrip("@~/") if module.startswith(("@/", "~/", "/")) else module
        bases = (f"{root}/src/{inner}", f"{root}/{inner}")
    for base in bases:
        yield base
        stem = re.sub(r"\.[mc]?jsx?$", "", base)  # TypeScript imports `./a.js` and means `./a.ts`
        for end in _SCRIPT_ENDS:
            yield stem + end


def _beside(*ends: str) -> Paths:
    """Paths written out: relative to the file, or to a folder above it."""

    def candidates(module: str, here: str, root: str) -> Iterator[str]:
        return (f"{base}/{module}{end}" for base in _upwards(here, root) for end in ends)

    return candidates


def _dotted(*ends: str) -> Paths:
    """`a.b.C` is the file `a/b/C`, below this folder or one above it."""

    def candidates(module: str, here: str, root: str) -> Iterator[str]:
        path = re.sub(r"[.\\]|::", "/", module)
        return (f"{base}/{path}{end}" for base in _upwards(here, root) for end in ends)

    return candidates


def _rust(module: str, here: str, root: str) -> Iterator[str]:
    parts = [part for part in module.split("::") if part]
    bases = _upwards(here, root)
    if parts and parts[0] in ("self", "super", "crate"):
        bases = {"self": [here], "super": [here, here + "/.."], "crate": bases}[parts[0]]
        parts = parts[1:]
    for length in (len(parts), len(parts) - 1):  # the last part may be a name in the module
        for base in bases if length > 0 else ():
            target = "/".join([base, *parts[:length]])
            yield target + ".rs"
            yield target + "/mod.rs"


def _go(module: str, here: str, root: str) -> Iterator[str]:
    """Folders: a package is all the files of one, and the module's own name is not part of the path."""
    parts = module.split("/")
    for skipped in range(len(parts)):
        yield "/".join([root, *parts[skipped:]])


def _rule(pattern: str, paths: Paths, *, folders: bool = False) -> Rule:
    return Rule(re.compile(pattern, re.MULTILINE), paths, folders)


_SCRIPTS = _rule(
    r"^[ \t]*(?:import|export)\s+(?:type\s+)?(?P<alias>[\w$]+)?\s*,?\s*"
    r"(?:\*\s*as\s+(?P<star>[\w$]+)|\{(?P<names>[^}]*)\})?\s*(?:from\s*)?[\"'](?P<module>[^\"'\n]+)[\"']"
    r"|^[ \t]*(?:const|let|var)\s+(?:(?P<required>[\w$]+)|\{(?P<picked>[^}]*)\})\s*=\s*"
    r"require\([\"'](?P<whole>[^\"'\n]+)",
    _script,
)
_INCLUDES = _rule(r"^[ \t]*#[ \t]*(?:include|import)[ \t]*[\"<](?P<module>[^\">\n]+)[\">]", _beside(""))
_JVM = _rule(
    r"^import\s+(?:static\s+)?(?P<module>[\w.]+)(?:\s+as\s+(?P<alias>\w+))?", _dotted(".java", ".kt", ".scala")
)

RULES: dict[str, Rule] = {
    "python": _rule(
        r"^[ \t]*(?:from[ \t]+(?P<module>[.\w]+)[ \t]+import[ \t]*(?:\((?P<names>[^)]*)\)|(?P<picked>[^\n;(]+))"
        r"|import[ \t]+(?P<whole>[\w.]+)(?:[ \t]+as[ \t]+(?P<alias>\w+))?)",
        _python,
    ),
    **dict.fromkeys(
        ("javascript", "javascriptreact", "typescript", "typescriptreact", "vue", "svelte", "astro"), _SCRIPTS
    ),
    **dict.fromkeys(("c", "cpp", "cuda-cpp", "objective-c", "objective-cpp"), _INCLUDES),
    **dict.fromkeys(("java", "kotlin", "scala", "groovy"), _JVM),
    "go": _rule(r"^(?:import[ \t]+|[ \t]+)(?P<alias>[\w.]+[ \t]+)?\"(?P<module>[\w./~-]+)\"[ \t]*$", _go, folders=True),
    "rust": _rule(
        r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?(?:use|mod)[ \t]+(?P<module>\w+(?:::\w+)*)"
        r"(?:::\{(?P<names>[^}]*)\})?(?:[ \t]+as[ \t]+(?P<alias>\w+))?",
        _rust,
    ),
    "ruby": _rule(r"^[ \t]*require(?:_relative)?[ \t(]+[\"'](?P<module>[^\"'\n]+)[\"']", _beside(".rb", "")),
    "php": _rule(
        r"^[ \t]*(?:use[ \t]+(?P<module>[\w\\]+)(?:[ \t]+as[ \t]+(?P<alias>\w+))?"
        r"|(?:require|include)(?:_once)?\b[^\"'\n]*[\"']/?(?P<whole>[^\"'\n]+)[\"'])",
        _dotted(".php", ""),
    ),
    "lua": _rule(
        r"^[ \t]*(?:local[ \t]+(?P<alias>\w+)[ \t]*=[ \t]*)?require[ \t(]+[\"'](?P<module>[^\"'\n]+)[\"']",
        _dotted(".lua", "/init.lua"),
    ),
    "dart": _rule(
        r"^import[ \t]+['\"](?:package:\w+/)?(?P<module>[^'\"\n:]+)['\"](?:[ \t]+as[ \t]+(?P<alias>\w+))?", _beside("")
    ),
    "shellscript": _rule(r"^[ \t]*(?:source|\.)[ \t]+[\"']?(?:\$\{?\w+\}?/)?(?P<module>[\w./-]+)", _beside("")),
    "perl": _rule(r"^[ \t]*(?:use|require)[ \t]+(?P<module>\w+(?:::\w+)+)", _dotted(".pm")),
    "elixir": _rule(r"^[ \t]*(?:alias|import|use)[ \t]+(?P<module>[\w.]+)", _dotted(".ex")),
    "zig": _rule(r"^(?:pub )?const[ \t]+(?P<alias>\w+)[ \t]*=[ \t]*@import\(\"(?P<module>[^\"\n]+)\"\)", _beside("")),
    "proto3": _rule(r"^import[ \t]+(?:public[ \t]+)?\"(?P<module>[^\"\n]+)\"", _beside("")),
    **dict.fromkeys(
        ("css", "scss", "less"),
        _rule(r"^@(?:import|use)[ \t]+[\"'](?P<module>[^\"'\n]+)[\"']", _beside("", ".scss", ".css")),
    ),
}
