"""A real llama-server: the one on the PATH, or one unpacked from Debian's packages into `.cache/llama`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.editors.debian import LIBRARY, command, unpack
from tests.processes import ending

CACHE = Path(__file__).parents[2] / ".cache/llama"
START_S = 60.0


def program() -> tuple[list[str], dict[str, str]]:
    """How to start it, and with what environment."""
    if found := shutil.which("llama-server"):
        return [found], {}
    unpack(CACHE, ["llama.cpp-tools"], "sid")
    backends = sorted((CACHE / LIBRARY).glob("ggml/backends*/libggml-cpu-*.so"))
    argv = command(CACHE, "llama-server")
    paths = argv.index("--library-path") + 1
    argv[paths] += f":{CACHE / LIBRARY / 'llama'}"
    chosen = next((path for path in backends if path.stem.endswith("haswell")), backends[0])
    return argv, {"GGML_BACKEND_PATH": str(chosen)}


@contextmanager
def llama_server(model: Path, *options: str) -> Iterator[str]:
    """Its address, once the model is loaded; ended on leaving."""
    argv, environment = program()
    port = _free_port()
    argv += ["-m", str(model), "--host", "127.0.0.1", "--port", str(port), "-np", "1", "--offline", *options]
    log = model.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(argv, env={**os.environ, **environment}, stdout=output, stderr=output)
    with ending(process):
        url = f"http://127.0.0.1:{port}"
        _wait_until_loaded(url, process, log)
        yield url


def _wait_until_loaded(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + START_S
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            break
        with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(f"{url}/health", timeout=5):
            return
        time.sleep(0.05)
    raise RuntimeError(f"llama-server did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")


def _free_port() -> int:
    """llama-server cannot say which port it chose, so it is told one that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
