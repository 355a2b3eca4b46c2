"""What files import, and where that may lie."""

from __future__ import annotations

import os

import pytest

from fim_lsp import languages
from fim_lsp.context.imports import Import, imports, paths

ROOT = os.path.join(os.path.abspath(os.sep), "w")

STATEMENTS = [
    ("python", "import os.path", Import("os.path", alias="path")),
    ("python", "import numpy as np", Import("numpy", alias="np")),
    ("python", "from .base import A, B as C", Import(".base", (("A", "A"), ("C", "B")))),
    ("python", "from a.b import (\n    A,  # the first\n    B,\n)", Import("a.b", (("A", "A"), ("B", "B")))),
    ("typescript", "import { A, type B, C as D } from './x'", Import("./x", (("A", "A"), ("B", "B"), ("D", "C")))),
    ("typescript", "import React from 'react'", Import("react", alias="React")),
    ("javascript", 'import * as fs from "node:fs"', Import("node:fs", alias="fs")),
    ("javascript", "const { a, b: c } = require('./x')", Import("./x", (("a", "a"), ("c", "b")))),
    ("javascript", "const x = require('./x')", Import("./x", alias="x")),
    ("c", '#include "lib/x.h"', Import("lib/x.h", alias="x")),
    ("go", 'import (\n\t"fmt"\n)', Import("fmt", alias="fmt")),
    ("go", 'import (\n\tx "example.org/m/store"\n)', Import("example.org/m/store", alias="x")),
    ("rust", "use crate::store::{Store, Key as K};", Import("crate::store", (("Store", "Store"), ("K", "Key")))),
    ("rust", "pub mod parser;", Import("parser", alias="parser")),
    ("java", "import com.example.shop.Cart;", Import("com.example.shop.Cart", alias="Cart")),
    ("ruby", "require_relative 'models/cart'", Import("models/cart", alias="cart")),
    ("php", "use App\\Models\\Cart;", Import("App\\Models\\Cart", alias="Cart")),
    ("lua", 'local x = require("a.b")', Import("a.b", alias="x")),
    ("dart", "import 'package:shop/src/cart.dart';", Import("src/cart.dart", alias="cart")),
]


@pytest.mark.parametrize(("language", "text", "expected"), STATEMENTS, ids=[text for _, text, _ in STATEMENTS])
def test_statement(language: str, text: str, expected: Import) -> None:
    assert imports(text, languages.get(language)) == (expected,)


PLACES = [
    ("python", "pkg/sub/mod.py", ".base", "pkg/sub/base.py"),
    ("python", "pkg/sub/mod.py", "..base", "pkg/base.py"),
    ("python", "pkg/sub/mod.py", ".", "pkg/sub/__init__.py"),
    ("python", "pkg/sub/mod.py", "pkg.other", "pkg/other.py"),
    ("python", "pkg/sub/mod.py", "pkg.other", "src/pkg/other/__init__.py"),
    ("typescript", "src/a/b.ts", "./c", "src/a/c.tsx"),
    ("typescript", "src/a/b.ts", "../c.js", "src/c.ts"),
    ("typescript", "src/a/b.ts", "@/lib/c", "src/lib/c/index.ts"),
    ("c", "src/a.c", "lib/x.h", "include/lib/x.h"),
    ("go", "cmd/main.go", "example.org/m/store/disk", "store/disk"),
    ("rust", "src/a/b.rs", "crate::store::Store", "src/store.rs"),
    ("java", "src/com/example/A.java", "com.example.shop.Cart", "src/com/example/shop/Cart.java"),
    ("php", "src/a.php", "Models\\Cart", "src/Models/Cart.php"),
]


@pytest.mark.parametrize(("language", "file", "module", "expected"), PLACES)
def test_place(language: str, file: str, module: str, expected: str) -> None:
    found = paths(Import(module), languages.get(language), os.path.join(ROOT, file), ROOT)
    assert os.path.join(ROOT, *expected.split("/")) in set(found)


@pytest.mark.parametrize("module", ["....secret", "../../secret", "/etc/passwd", "a/../../../secret", "..\\..\\secret"])
@pytest.mark.parametrize("language", ["python", "typescript", "c", "go", "rust", "java", "ruby", "php", "dart"])
def test_nothing_lies_outside_of_the_workspace(language: str, module: str) -> None:
    for path in paths(Import(module), languages.get(language), os.path.join(ROOT, "a", "b"), ROOT):
        assert path.startswith(ROOT + os.sep)
        assert ".." not in path.split(os.sep)
