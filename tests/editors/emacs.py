"""Emacs in a terminal, and its own server socket to ask what a screen cannot tell for sure."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.editors.debian import LIBRARY, command
from tests.editors.editor import eventually, listens
from tests.editors.in_terminal import TerminalEditor
from tests.editors.terminal import Terminal

FIM_LSP_KEYS = {
    "accept": "\t",
    "accept anywhere": "\x1b\r",
    "word": "\x1bf",
    "line": "\x05",
    "dismiss": "\x07",
    "next": "\x1bn",
    "undo": "\x1f",
}
FIM_LSP_GHOST = """
(mapconcat (lambda (overlay) (overlay-get overlay 'after-string))
           (sort (copy-sequence fim-lsp--overlays) (lambda (a b) (< (overlay-start a) (overlay-start b)))) "")
"""
LSP_MODE_KEYS = {
    "accept": "\x1b[27;5;13~",
    "accept anywhere": "\x1b[27;5;13~",
    "dismiss": "\x07",
    "next": "\x0e",
    "undo": "\x1f",
}
"""C-RET as terminals with modifyOtherKeys send it."""
LSP_MODE_GHOST = """
(if (overlayp lsp-inline-completion--overlay)
    (let* ((overlay lsp-inline-completion--overlay)
           (shown (concat (overlay-get overlay 'display) (overlay-get overlay 'after-string)))
           (typed (buffer-substring-no-properties (overlay-start overlay) lsp-inline-completion--start-point)))
      (string-remove-prefix typed shown))
  "")
"""

WHY = """
(let* ((params (list :command "fim-lsp.why"))
       (decisions (if (bound-and-true-p fim-lsp-mode)
                      (jsonrpc-request fim-lsp--connection :workspace/executeCommand params :timeout 5)
                    (lsp-request "workspace/executeCommand" params))))
  (format "%S" (seq-take decisions 3)))
"""


def start(root: Path) -> tuple[list[str], dict[str, str]]:
    """The command line of the unpacked Emacs, and the environment that lets it find its own files."""
    share = next((root / "usr/share/emacs").glob("[0-9]*"))
    packages = sorted((root / "usr/share/emacs/site-lisp/elpa-src").iterdir())
    folders = (path for path in sorted((share / "lisp").rglob("*")) if path.is_dir())
    lisp = [path for path in folders if path.name not in ("obsolete", "term")]
    environment = {
        "EMACSLOADPATH": ":".join(map(str, [*packages, share / "lisp", *lisp])),
        "EMACSDATA": str(share / "etc"),
        "EMACSDOC": str(share / "etc"),
        "TERMINFO_DIRS": f"{root / 'usr/share/terminfo'}:{root / LIBRARY}/terminfo:/usr/share/terminfo:/lib/terminfo",
    }
    return command(root, _moved(root)), environment


def _moved(root: Path) -> str:
    """The name of a copy of the program that looks for its dump (the Lisp it is born with) where it was unpacked.

    The folder's name is compiled in, and without a dump Emacs has no terminal, so the name is overwritten.
    The new one must not be longer: a link under the temporary folder.
    """
    folder = next((root / "usr/libexec/emacs").glob("[0-9]*/*"))
    compiled_in = str(Path("/") / folder.relative_to(root)).encode()
    link = Path(tempfile.gettempdir()) / f"fim-lsp-emacs-{os.getuid()}"
    new = os.fsencode(link)
    assert len(new) <= len(compiled_in), f"{link} is too long; set TMPDIR to a shorter folder"
    if not link.is_symlink() or link.resolve() != folder.resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
    moved = root / "usr/bin/emacs-moved"
    if not moved.exists():
        program = (root / "usr/bin/emacs-nox").read_bytes()
        moved.write_bytes(program.replace(compiled_in, new.ljust(len(compiled_in), b"\0")))
    return moved.name


def compile_packages(root: Path) -> None:
    """Byte-compile the Lisp packages, as Debian does when it installs them: lsp-mode takes long to load otherwise."""
    argv, environment = start(root)
    sources = [path for path in (root / "usr/share/emacs/site-lisp/elpa-src").glob("*/*.el") if not _is_compiled(path)]
    batch = [*argv, "--batch", *NO_COMPILER, "--funcall", "batch-byte-compile", *map(str, sources)]
    if sources:  # some clients of lsp-mode do not compile here; those are not used
        subprocess.run(batch, env={**os.environ, **environment}, capture_output=True, check=False)


def _is_compiled(source: Path) -> bool:
    name = source.name
    return source.with_suffix(".elc").exists() or name.endswith(("-autoloads.el", "-pkg.el"))


NO_COMPILER = ("--eval", "(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)")
"""Away from its place Emacs does not find the folder of its own compiled code."""


class Emacs(TerminalEditor):
    """`init` is the user's init.el; `keys` and `ghost` belong to the package that draws."""

    name = "emacs"

    def __init__(
        self, root: Path, home: Path, env: Mapping[str, str], init: str, *, keys: Mapping[str, str], ghost: str
    ) -> None:
        self._keys, self._ghost = keys, ghost
        init_file = home / "init.el"
        self._folder = tempfile.TemporaryDirectory(prefix="fim-")  # a socket's path must be short
        self._address = Path(self._folder.name) / "emacs"
        server = f"(setq server-socket-dir {_quoted(self._folder.name)} server-name {_quoted(self._address.name)})"
        init_file.write_text(f"{init}\n{server}\n(server-start)\n")
        argv, environment = start(root)
        self.terminal = Terminal(
            [*argv, "-nw", "--no-init-file", "--no-site-file", "--no-splash", *NO_COMPILER, "--load", str(init_file)],
            cwd=home,
            env={**env, **environment},
        )
        self.terminal.wait(lambda: listens(self._address), "Emacs listens")

    def open(self, path: Path) -> None:
        self.lisp(f"(progn (switch-to-buffer (find-file-noselect {_quoted(path)})) t)")
        self.to_end()
        self.revived()

    def revived(self) -> None:
        ours = "(and fim-lsp--ready fim-lsp--opened t)"
        theirs = (
            "(and lsp--buffer-workspaces"
            " (cl-every (lambda (w) (eq 'initialized (lsp--workspace-status w))) lsp--buffer-workspaces))"
        )
        is_ready = f"(if (bound-and-true-p fim-lsp-mode) {ours} (bound-and-true-p lsp-mode) {theirs})"
        eventually(lambda: self.lisp(is_ready), "the server is ready")

    def to_end(self) -> None:
        self.lisp("(progn (goto-char (point-max)) t)")

    def to(self, line: int, column: int) -> None:
        self.lisp(f"(progn (goto-char (point-min)) (forward-line {line - 1}) (forward-char {column - 1}) t)")

    def press(self, action: str) -> None:
        self.terminal.press(self._keys[action])
        self.terminal.settle()  # a question of ours must not overtake the key

    def ghost(self) -> str:
        return str(self.lisp(f"(substring-no-properties {self._ghost})") or "")

    def save(self) -> None:
        self.lisp("(progn (save-buffer) t)")

    def messages(self) -> str:
        text = self.lisp('(with-current-buffer "*Messages*" (buffer-substring-no-properties (point-min) (point-max)))')
        return f"{text}\n{self.terminal.text()}"

    def why(self) -> str:
        return str(self.lisp(WHY))

    def dismiss(self) -> None:
        """A C-g that meets Emacs at work interrupts that instead: then a user presses it once more."""

        def gone() -> bool:
            if not self.ghost():
                return True
            self.press("dismiss")
            return False

        eventually(gone, "the ghost text is gone")

    def see(self, ghost: str) -> None:
        self._look_first(ghost)
        super().see(ghost)

    def see_start(self, ghost: str) -> None:
        self._look_first(ghost)
        super().see_start(ghost)

    def _look_first(self, ghost: str) -> None:
        """lsp-mode gives a request up when other work comes in between, as our questions are."""
        if line := next((line.strip() for line in ghost.splitlines() if line.strip()), ""):
            self.on_screen(line)

    def quit(self) -> None:
        self.lisp(
            "(progn (mapc (lambda (buffer) (with-current-buffer buffer (set-buffer-modified-p nil))) (buffer-list)) t)"
        )
        self.terminal.press("\x18\x03")
        self.terminal.process.wait(15)

    def close(self) -> None:
        super().close()
        self._folder.cleanup()

    def lisp(self, form: str) -> object:
        """Evaluate a form where the user is; its value comes back through JSON."""
        wrapped = (
            "(with-current-buffer (window-buffer (selected-window))"
            f' (require (quote json)) (json-encode (list (condition-case err {form} (error (format "lisp: %S" err))))))'
        )
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(15)
            client.connect(os.fspath(self._address))
            client.sendall(f"-eval {_server_quoted(wrapped)}\n".encode())
            received = b""
            while data := client.recv(65536):
                received += data
        lines = received.decode().splitlines()
        printed = "".join(line.split(" ", 1)[1] for line in lines if line.startswith(("-print ", "-print-nonl ")))
        assert printed, received
        text = json.loads(_server_unquoted(printed))
        value = json.loads(text)[0]
        assert not str(value).startswith("lisp: "), value
        return value


def _quoted(path: Path | str) -> str:
    return json.dumps(str(path))


def _server_quoted(text: str) -> str:
    return text.replace("&", "&&").replace("-", "&-").replace("\n", "&n").replace(" ", "&_")


def _server_unquoted(text: str) -> str:
    marks = {"&n": "\n", "&_": " ", "&-": "-", "&&": "&"}
    parts, at = [], 0
    while at < len(text):
        pair = text[at : at + 2]
        parts.append(marks.get(pair, text[at]))
        at += 2 if pair in marks else 1
    return "".join(parts)
