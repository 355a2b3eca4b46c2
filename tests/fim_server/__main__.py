"""`python -m tests.fim_server`: the test server for an editor. Prints one JSON line with its address, then serves."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from tests.fim_server import FAULTS, FimServer, Recorded, Script
from tests.fim_server.script import Json


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fim_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (default): a free one")
    parser.add_argument("--key", default="", help="refuse every other key")
    parser.add_argument("--text", default="return a + b\n", help=r"what the model says (\n is a line end)")
    parser.add_argument("--answers", type=Path, help="JSON file: how the prompt ends → what the model says then")
    parser.add_argument("--first-token-ms", type=float, default=0)
    parser.add_argument("--tokens-per-s", type=float, default=0)
    parser.add_argument("--status", type=int, default=200, help="answer every request with this status")
    parser.add_argument("--fault", choices=sorted(FAULTS), default="")
    parser.add_argument("--record", type=Path, help="write each request as a JSON line to this file when it has ended")
    args = parser.parse_args()
    try:
        asyncio.run(serve(args))
    except KeyboardInterrupt:
        sys.exit(130)


async def serve(args: argparse.Namespace) -> None:
    answers = json.loads(args.answers.read_text("utf-8")) if args.answers else {}
    default = args.text.replace("\\n", "\n")

    def says(body: Json) -> str:
        prompt = str(body.get("input_prefix", "")) + str(body.get("prompt", ""))
        return next((text for end, text in answers.items() if prompt.endswith(end)), default)

    script = Script(
        text=says,
        first_token_ms=args.first_token_ms,
        tokens_per_s=args.tokens_per_s,
        status=args.status,
        fault=args.fault,
    )

    def write(recorded: Recorded) -> None:
        with args.record.open("a", encoding="utf-8") as record:
            record.write(json.dumps(vars(recorded)) + "\n")

    server = FimServer(script, key=args.key, port=args.port)
    if args.record:
        server.on_end = write
    async with server:
        print(json.dumps({"url": server.url, "base_url": server.base_url}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
