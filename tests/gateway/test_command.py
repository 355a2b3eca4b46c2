"""`fim-lsp gateway` as people start it: in a process of its own."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import trustme

from fim_lsp.cli import main
from tests.cli.processes import MODULE, Finished, environment, run
from tests.fim_server import FimServer, Script
from tests.gateway.serving import QUESTION, bearer, upstream


@dataclass
class Started:
    url: str
    process: asyncio.subprocess.Process

    async def end(self) -> Finished:
        self.process.terminate()
        out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return Finished(self.process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def started(home: Path, *options: str) -> AsyncIterator[Started]:
    process = await asyncio.create_subprocess_exec(
        *[*MODULE, "gateway", "--port", "0", *options],
        cwd=home,
        env=environment(home, UPSTREAM_KEY="upstreams-key"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield Started((await process.stdout.readline()).decode().strip(), process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def key_command(home: Path, *arguments: str) -> Finished:
    return await run("gateway", "key", *arguments, folder=home, env=environment(home))


async def test_a_fresh_machine_gets_an_answer(tmp_path: Path) -> None:
    (tmp_path / "books.py").write_text("def audit(ledger):\n    ledger.check_balance()\n" * 5)
    async with started(tmp_path) as gateway:
        async with httpx.AsyncClient(base_url=gateway.url) as http:
            question = {**QUESTION, "prompt": "def audit(ledger):\n    ledger.check_"}
            answer = (await http.post("/v1/fim/completions", json=question)).json()
        assert answer["choices"][0]["message"]["content"].startswith("balance")
        ended = await gateway.end()
    if sys.platform != "win32":
        assert (ended.code, ended.err) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to ask a process to end with")
async def test_what_is_being_answered_is_answered(tmp_path: Path) -> None:
    """It ends when asked to, but not in the middle of a sentence."""
    async with FimServer(Script(text="word " * 20, tokens_per_s=25), key="upstreams-key") as model:
        (tmp_path / "gateway.toml").write_text(upstream("gpu", model.base_url))
        async with started(tmp_path, "--config", "gateway.toml", "--provider", "gpu") as gateway:
            async with httpx.AsyncClient(base_url=gateway.url) as http:
                asking = asyncio.create_task(
                    http.post("/v1/fim/completions", json={**QUESTION, "stream": True}, timeout=30)
                )
                await model.until(lambda: model.requests and model.requests[0].sent, within_s=30)
                gateway.process.send_signal(signal.SIGTERM)
                answer = await asking
            assert answer.text.endswith("data: [DONE]\n\n")
            assert await asyncio.wait_for(gateway.process.wait(), 20) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="uvicorn's supervisor needs a console there")
async def test_two_workers_over_tls_with_a_key(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    key = (await key_command(tmp_path, "add", "ann", "--keys", "keys.json")).out.strip()
    options = ("--workers", "2", "--tls-cert", "cert.pem", "--tls-key", "key.pem", "--keys", "keys.json")
    async with started(tmp_path, *options) as gateway:
        assert gateway.url.startswith("https://")
        import ssl

        trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=gateway.url, verify=trusting, limits=limits, timeout=30) as http:
            statuses = [
                (await http.post("/v1/fim/completions", json=QUESTION, headers=bearer(key))).status_code
                for _ in range(8)
            ]
            assert statuses == [200] * 8
            assert (await http.get("/v1/models")).status_code == 401
            figures = (await http.get("/metrics", headers=bearer(key))).text
        counted = [line for line in figures.splitlines() if line.startswith("fim_requests_total") and '"200"' in line]
        assert sum(float(line.split()[-1]) for line in counted) == 8  # of both workers
        assert (await gateway.end()).code == 0


async def test_keys(tmp_path: Path) -> None:
    added = await key_command(tmp_path, "add", "ann", "--requests-per-minute", "30")
    assert added.code == 0
    assert added.out.startswith("fim-")
    assert "once" in added.err
    listed = await key_command(tmp_path, "list")
    assert listed.out == "ann\t30 requests per minute\n"
    assert added.out.strip() not in listed.out
    assert (await key_command(tmp_path, "remove", "ann")).code == 0
    assert (await key_command(tmp_path, "list")).out == ""


WRONG = [
    (("--host", "0.0.0.0"), "gateway key add NAME"),
    (("--workers", "0"), "--workers"),
    (("--tls-cert", "x.pem"), "--tls-key"),
    (("--tls-cert", "x.pem", "--tls-key", "x.pem"), "cannot be read"),
    (("--folder", "nowhere"), "no folder nowhere"),
    (("--config", "nowhere.toml"), "nowhere.toml cannot be read"),
    (("--config", "unknown.toml"), "gpu9"),
    (("--config", "typo.toml"), "modles"),
    (("--provider", "nobody"), "nobody"),
    (("--keys", "limited.json", "--workers", "2"), "--redis"),
    (("--keys", "broken.json"), "broken.json: "),
    (("--redis", "nonsense"), "a Redis begins with one of redis://"),
    (("--port", "99999"), "--port is a number"),
    (("--tls-cert", "broken.json", "--tls-key", "broken.json"), "--tls-cert and --tls-key are no certificate"),
    (("--keys", "folder"), "folder: "),
    (("key", "add"), "NAME"),
    (("key", "remove", "bob"), "bob has no key"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
async def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "unknown.toml").write_text('[gateway.models.m]\nupstreams = ["gpu9"]\n')
    (tmp_path / "typo.toml").write_text('[gateway.modles.m]\nupstreams = ["mistral"]\n')
    (tmp_path / "limited.json").write_text('{"ann": {"sha256": "00", "requests_per_minute": 5}}')
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "folder").mkdir()
    port = () if "key" in arguments else ("--port", "0")
    ended = await run("gateway", *port, *arguments, folder=tmp_path, env=environment(tmp_path))
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert "Errno" not in ended.err


def test_what_goes_wrong_later_is_not_blamed_on_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(*options: object, **more: object) -> int:
        raise ValueError("while serving")

    monkeypatch.setattr("fim_lsp.gateway.serve.serve", serve)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="while serving"):
        main(["gateway", "--keys", "keys.json"])


async def test_an_address_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = await run("gateway", "--port", port, folder=tmp_path, env=environment(tmp_path))
    assert ended.code == 2
    assert "in use" in ended.err


async def test_without_the_extra_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "uvicorn").mkdir()
    (tmp_path / "uvicorn" / "__init__.py").write_text("raise ModuleNotFoundError('uvicorn', name='uvicorn')\n")
    command = (
        sys.executable,
        "-c",
        "import sys; sys.path.insert(0, ''); from fim_lsp.cli import main; sys.exit(main())",
    )
    ended = await run("gateway", folder=tmp_path, env=environment(tmp_path), command=command)
    assert ended.code == 2
    assert ended.err.strip() == "fim-lsp gateway: the gateway is not installed: pip install 'fim-lsp[gateway]'"
