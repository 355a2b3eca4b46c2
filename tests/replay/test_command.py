"""`fim-lsp replay`, as people call it. The short runs go through the real server on stdio."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fim_lsp.cli import main
from fim_lsp.replay.record import Record
from fim_lsp.replay.session import Play
from tests.replay.pages import FOLDER

FILE = str(FOLDER / "chain.py")


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["replay", *arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


WRONG = {
    "a file that is not there": (["no/such/file.py", "--oracle"], "there is no file no/such/file.py"),
    "a peer without the oracle": ([FILE, "--compare", "textbook"], "needs --oracle"),
    "a comparison that is not there": ([FILE, "--oracle", "--compare", "other.toml"], "there is no such file"),
    "a report into nowhere": ([FILE, "--oracle", "--html", "no/such/folder/report.html"], "there is no folder"),
    "a report that is a folder": ([FILE, "--oracle", "--html", str(FOLDER)], "is a folder; name a file in it"),
    "a report of places": ([FILE, "--oracle", "--at", "1", "--html", "report.html"], "with --at use --json"),
    "a folder": ([str(FOLDER), "--oracle"], "cannot be read"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    code, out, err = outcome(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    "arguments",
    [["--seconds", "0"], ["--seconds", "x"], ["--at", "0"], ["--at", "x"], ["--client", "ed"], ["--jobs", "-1"]],
)
def test_numbers_out_of_range(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["replay", FILE, "--oracle", *arguments])
    assert left.value.code == 2
    assert f"argument {arguments[0]}: " in (err := capsys.readouterr().err)
    assert "_count" not in err
    assert "_seconds" not in err


def test_two_comparisons_of_one_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (same := tmp_path / "fim-lsp.toml").write_text("")
    code, _, err = outcome(capsys, FILE, "--oracle", "--compare", str(same))
    assert code == 2
    assert "two servers would be called fim-lsp" in err


def test_nothing_to_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty := tmp_path / "empty.py").write_text("\n")
    code, _, err = outcome(capsys, str(empty), "--oracle")
    assert code == 2
    assert "there is nothing to type" in err


def fails(*arguments: object, **more: object) -> None:
    raise AssertionError("no server is needed for this")


@pytest.mark.parametrize("how", [[], ["--at", "3"]], ids=["typing", "places"])
def test_too_short_to_be_typed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, how: list[str]
) -> None:
    monkeypatch.setattr("fim_lsp.replay.stage.perform", fails)
    monkeypatch.setattr("fim_lsp.replay.places.visit", fails)
    (short := tmp_path / "short.py").write_text("x\n")
    code, out, err = outcome(capsys, str(short), "--oracle", "--seeds", "3", *how)
    assert (code, out) == (2, "")
    assert f"{short}: too short" in err


def test_what_is_too_short_is_named_and_the_rest_is_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Path] = []

    async def perform(contender: object, session: Play, folder: Path, *, with_oracle: bool) -> Record:
        played.extend(source.path for source in session.sources)
        return Record("vscode", session.seed)

    monkeypatch.setattr("fim_lsp.replay.stage.perform", perform)
    (short := tmp_path / "short.py").write_text("x\n")
    code, out, err = outcome(capsys, str(short), FILE, "--oracle", "--seeds", "2")
    assert code == 0
    assert played == [Path(FILE).resolve()] * 2
    assert err.startswith(f"fim-lsp replay: {short}: too short")
    assert "keystrokes saved" in out
    assert "100%" not in out


def test_settings_that_are_wrong_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[completion]\nmax_tokens = 0\n")
    code, _, err = outcome(capsys, FILE, "--oracle", "--compare", str(other))
    assert code == 2
    assert "max_tokens" in err


def test_text_that_is_not_utf_8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes(b"x = '\xe9'\n")
    code, _, err = outcome(capsys, str(path), "--oracle")
    assert code == 2
    assert "not UTF-8" in err


def test_a_short_session_through_the_real_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.html"
    code, out, err = outcome(capsys, FILE, "--oracle", "--seconds", "2", "--compare", "textbook", "--json",
                             "--jobs", "2", "--html", str(report))  # fmt: skip
    figures = json.loads(out)
    assert code == 0
    assert list(figures) == ["fim-lsp", "textbook"]
    for one in figures.values():
        assert one["asked"] > 0
        assert (one["wrong_items"], one["unanswered"], one["errors"], one["differs"]) == (0, 0, 0, 0)
    assert "sessions: 2, 2 s each" in err
    assert report.read_text("utf-8").startswith("<!doctype html>")


def test_places_through_the_real_server(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = outcome(capsys, FILE, "--oracle", "--at", "2", "--json")
    summary = json.loads(out)["fim-lsp"]
    assert code == 0
    assert summary["places"] == 2
    assert 0 <= summary["perfect_line"] <= 1
