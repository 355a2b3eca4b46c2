"""Mistral's TypeScript SDK reads what its Python SDK reads."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.gateway.serving import Gateway

HERE = Path(__file__).parent
SDK = HERE.parents[2] / ".cache/typescript"


async def test_the_sdk_reads_all(served: Gateway) -> None:
    process = await asyncio.create_subprocess_exec(
        *["node", str(HERE / "ask.mjs"), str(SDK), served.url, served.add_key("ann")], stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    read = json.loads(output)
    assert read["whole"]["choices"][0]["message"]["content"] == "return a + b\n"
    assert read["whole"]["choices"][0]["finishReason"] == "stop"
    assert "".join(piece["choices"][0]["delta"]["content"] for piece in read["pieces"]) == "return a + b\n"
    assert read["pieces"][-1]["choices"][0]["finishReason"] == "stop"
    assert read["pieces"][-1]["usage"]["completionTokens"] == 4
    assert read["models"] == ["codestral-latest", "gpu"]
    assert [refusal["status"] for refusal in read["refusals"]] == [422, 404, 401]
    assert read["refusals"][0]["name"] == "HTTPValidationError"
