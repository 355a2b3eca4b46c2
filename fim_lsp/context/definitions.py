"""Definitions of what the code near the cursor uses: its own class, names it imports, names of its package.

A candidate shows what a caller needs: signatures, attributes and the first line of the docstring, not bodies. They come
the most wanted first and each costs one step, so whoever asks can stop at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fim_lsp.context.candidate import Candidate
from fim_lsp.context.files import Text
from fim_lsp.context.imports import RULES, Import, paths
from fim_lsp.context.missing import missing
from fim_lsp.context.outline import Definition
from fim_lsp.context.place import Place

LONGEST_CARD_LINES = 30
LONGEST_SIGNATURE_CHARS = 100
MOST_SIGNATURES = 30
MOST_FILES_OF_A_PACKAGE = 12
_IMPORTING = "python cython javascript javascriptreact typescript typescriptreact vue svelte astro rust elixir lua"
NAMES_ARE_IMPORTED = frozenset(_IMPORTING.split())
"""In all other languages a file sees what its neighbours define."""
_NAME = re.compile(r"[^\W\d]\w*")


def definitions(place: Place) -> Iterator[Candidate | None]:
    """What the place needs to see, the most wanted first. None marks a step that found nothing."""
    yield from missing(place)
    yield from _own_types(place)
    yield from _base_types(place)
    yield from _named_near(place)
    yield from _of_modules(place)
    yield from _of_package(place)
    yield _signatures(place.text, place.text.outline.top_level(), without=place.shown)
    yield from _imported_elsewhere(place)


def _own_types(place: Place) -> Iterator[Candidate | None]:
    """Members of the classes around the cursor that the window does not show."""
    for owner in reversed(place.enclosing):
        if owner.kind != "type":
            continue
        members = [each for each in place.text.outline.members(owner) if each.line not in place.shown]
        if members:
            yield _card(place.text, owner, without=place.shown)


def _base_types(place: Place) -> Iterator[Candidate | None]:
    for owner in reversed(place.enclosing):
        if owner.kind == "type":
            signature = " ".join(place.text.outline.signature_lines(owner))
            for name in _NAME.findall(signature):
                if name != owner.name:
                    yield _find(place, name)


def _named_near(place: Place) -> Iterator[Candidate | None]:
    """What names near the cursor mean, in this file or where they are imported from."""
    for name in sorted(place.near, key=lambda name: (-place.near[name], name)):
        yield _find(place, name)


def _of_modules(place: Place) -> Iterator[Candidate | None]:
    """`module.name`: the name; and an overview of the module."""
    for imported in place.text.imports:
        if imported.alias not in place.near:
            continue
        for text in _files_of(place, imported):
            top = text.outline.top_level()
            for definition in top:
                if definition.name in place.near:
                    yield _card(text, definition)
            yield _signatures(text, top)


def _of_package(place: Place) -> Iterator[Candidate | None]:
    """Names that need no import: what other files of the package define."""
    if place.text.language.id in NAMES_ARE_IMPORTED:
        return
    wanted = place.near.keys() - place.text.outline.by_name.keys()
    for path in place.beside[:MOST_FILES_OF_A_PACKAGE]:
        text = place.look_up(path)
        yield None
        for definition in text.outline.top_level() if text else ():
            if text and definition.name in wanted:
                yield _card(text, definition)


def _imported_elsewhere(place: Place) -> Iterator[Candidate | None]:
    """Signatures of what the file imports, though not near the cursor."""
    for imported in place.text.imports:
        for text in _files_of(place, imported):
            names = {there for _, there in imported.names}
            top = text.outline.top_level()
            yield _signatures(text, [each for each in top if each.name in names] if names else top)


def _find(place: Place, name: str) -> Candidate | None:
    outline = place.text.outline
    for definition in outline.by_name.get(name, ())[:1]:
        if definition.indent == 0:
            return None if definition.line in place.shown else _card(place.text, definition)
    for imported in place.text.imports:
        there = imported.named(name)
        if there is not None:
            return _find_in(place, imported, there)
    return None


def _find_in(place: Place, imported: Import, name: str) -> Candidate | None:
    for text in _files_of(place, imported, name):
        found = _defined(place, text, name)
        if found is not None:
            return _card(*found)
    return None


def _defined(place: Place, text: Text, name: str) -> tuple[Text, Definition] | None:
    """Where a module gets `name` from: itself, or one import further (packages pass on what their files define)."""
    for definition in text.outline.by_name.get(name, ()):
        if definition.indent == 0:
            return text, definition
    for imported in text.imports:
        there = imported.named(name)
        if there is not None:
            for further in _files_of(place, imported, there, importer=text):
                for definition in further.outline.by_name.get(there, ()):
                    if definition.indent == 0:
                        return further, definition
    return None


def _files_of(place: Place, imported: Import, name: str = "", importer: Text | None = None) -> list[Text]:
    """The files a module is, if they are in the workspace; `name` may be a file of a package itself."""
    importer = importer or place.text
    if place.folder is None or importer.language.id not in RULES:
        return []
    if RULES[importer.language.id].folders:
        return _files_of_folders(place, imported, importer, place.folder)
    modules = [imported]
    if name and importer.language.id == "python":
        dot = "" if imported.module.endswith(".") else "."
        modules.insert(0, Import(f"{imported.module}{dot}{name}"))
    for module in modules:
        for path in paths(module, importer.language, importer.path, place.folder):
            text = place.look_up(path)
            if text is not None and path != importer.path:
                return [text]
    return []


def _files_of_folders(place: Place, imported: Import, importer: Text, folder: str) -> list[Text]:
    for candidate in paths(imported, importer.language, importer.path, folder):
        files = place.files_in(candidate)[:MOST_FILES_OF_A_PACKAGE]
        texts = [text for text in map(place.look_up, files) if text and text.language is importer.language]
        if texts:
            return texts
    return []


def _card(text: Text, definition: Definition, *, without: range = range(0)) -> Candidate:
    lines = text.outline.card(definition, without=without)[:LONGEST_CARD_LINES]
    return Candidate(text.path, definition.line, tuple(lines), "definition")


def _signatures(text: Text, definitions: Sequence[Definition], *, without: range = range(0)) -> Candidate | None:
    """One line for each definition."""
    numbers = [each.line for each in definitions if each.line not in without][:MOST_SIGNATURES]
    lines = [text.lines[number][:LONGEST_SIGNATURE_CHARS].rstrip(" {") for number in numbers]
    return Candidate(text.path, numbers[0], tuple(lines), "definition") if lines else None
