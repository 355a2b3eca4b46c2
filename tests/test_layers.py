"""The absences that `docs/architecture.md` promises, read from the imports of each module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "fim_lsp"

CORE = (
    "acceptance",
    "answer",
    "cache",
    "closers",
    "departure",
    "document",
    "errors",
    "finding",
    "generated",
    "keystrokes",
    "languages",
    "lexing",
    "limits",
    "lookup",
    "pause",
    "privacy",
    "prompt",
    "providers",
    "reasons",
    "settings",
    "shape",
    "sight",
    "sse",
    "syntax",
    "trim",
)
"""Values in, values out: all modules of these but those of the middle."""

MIDDLE = (
    *("body", "chain", "context", "desk", "engine", "fresh", "generation", "generations", "ledger", "link"),
    *("paths", "prompting", "scheduler", "service", "shared_file", "upstream"),
    *("lookup.feeder", "lookup.worker", "privacy.gate", "settings.sources"),
)
EDGE = tuple(
    f"fim_lsp.{part}"
    for part in ("checkup", "cli", "discovery", "gateway", "keys", "lsp", "network", "reach", "replay", "transport")
)

ASK_THE_CLIENT = {"fim_lsp.lsp.configuration", "fim_lsp.lsp.host"}
"""They do so in tasks of their own: a client may answer nothing while it waits for an answer itself."""

OUTSIDE_WORLD = {
    *("asyncio", "http", "io", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "signal", "socket"),
    *("ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "concurrent"),
    *("aiohttp", "httpx", "lsprotocol", "platformdirs", "pygls"),
}
"""What the core may not import. `pathlib` has pure paths, but none are needed."""

ONE_DOOR = {
    "pygls": "fim_lsp.lsp",
    "lsprotocol": "fim_lsp.lsp",
    "httpx": "fim_lsp.transport",
    "httpx_aiohttp": "fim_lsp.transport",
    "aiohttp": "fim_lsp.transport",
}


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ["fim_lsp", *path.relative_to(PACKAGE).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports when it runs; imports for type checkers alone do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _running(child)


def _within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


MODULES = modules()
MIDDLE_MODULES = sorted(name for name in MODULES if _within(name, tuple(f"fim_lsp.{part}" for part in MIDDLE)))
CORE_MODULES = sorted(
    name for name in MODULES if _within(name, tuple(f"fim_lsp.{part}" for part in CORE)) and name not in MIDDLE_MODULES
)


def test_every_part_of_the_core_exists() -> None:
    for part in CORE:
        assert any(_within(name, (f"fim_lsp.{part}",)) for name in MODULES), part


def test_every_module_has_its_layer_and_its_place_on_the_map() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in PACKAGE.iterdir():
        if path.name.startswith("_") or not (path.suffix == ".py" or (path / "__init__.py").exists()):
            continue
        assert f"`{path.name}{'' if path.suffix else '/'}`" in page, path.name
        name = f"fim_lsp.{path.stem}"
        assert name in (*CORE_MODULES, *MIDDLE_MODULES) or _within(name, EDGE), name


def test_no_request_handler_asks_the_client() -> None:
    asking = {name for name, path in MODULES.items() if ".send_request" in path.read_text(encoding="utf-8")}
    assert asking - {"fim_lsp.lsp.rpc"} == ASK_THE_CLIENT


@pytest.mark.parametrize("name", CORE_MODULES)
def test_the_core_knows_no_outside_world(name: str) -> None:
    used = {imported.split(".")[0] for imported in imports(MODULES[name])} | set(imports(MODULES[name]))
    assert not used & OUTSIDE_WORLD


@pytest.mark.parametrize("name", CORE_MODULES)
def test_the_core_imports_only_the_core(name: str) -> None:
    for imported in imports(MODULES[name]):
        if imported.startswith("fim_lsp."):
            assert not _within(imported, tuple(f"fim_lsp.{part}" for part in MIDDLE) + EDGE), imported


@pytest.mark.parametrize("name", MIDDLE_MODULES)
def test_the_middle_does_not_import_the_edge(name: str) -> None:
    for imported in imports(MODULES[name]):
        assert not _within(imported, EDGE), imported


@pytest.mark.parametrize("name", sorted(MODULES))
def test_each_door_exists_once(name: str) -> None:
    for imported in imports(MODULES[name]):
        door = ONE_DOOR.get(imported.split(".")[0])
        assert door is None or _within(name, (door,)), imported


def test_a_provider_imports_only_words_and_templates() -> None:
    allowed = ("fim_lsp.providers", "fim_lsp.prompt", "fim_lsp.errors", "fim_lsp.reasons", "fim_lsp.settings.model")
    for name in MODULES:
        if _within(name, ("fim_lsp.providers",)):
            for imported in imports(MODULES[name]):
                assert not imported.startswith("fim_lsp") or _within(imported, allowed) or imported == "fim_lsp", (
                    imported
                )
