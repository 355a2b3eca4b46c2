"""What lies in which folder, told from names."""

from __future__ import annotations

import os

import pytest

from fim_lsp.paths import is_inside


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [
        ("/code/a.py", "/code", True),
        ("/code/a.py", "/code/", True),
        ("/code", "/code", True),
        ("/code", "/code/", True),
        ("/codes/a.py", "/code", False),
        ("/a.py", "/code", False),
        ("/a.py", "/", True),
        ("/", "/", True),
    ],
)
def test_a_folder_holds_itself_and_what_is_below(path: str, folder: str, inside: bool) -> None:
    path, folder = path.replace("/", os.sep), folder.replace("/", os.sep)
    assert is_inside(path, folder, ignore_case=False) is inside
    assert is_inside(path, folder, ignore_case=True) is inside


def test_the_case_of_letters_counts_where_the_system_says_so() -> None:
    path, folder = os.path.join(os.sep, "Code", "a.py"), os.path.join(os.sep, "code")
    assert not is_inside(path, folder, ignore_case=False)
    assert is_inside(path, folder, ignore_case=True)
