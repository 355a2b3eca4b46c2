"""`fim-lsp gateway`: Mistral's FIM API served over any provider, and the keys that open it."""

from __future__ import annotations

import argparse
import os
import re
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fim_lsp.cli.arguments import BadInput

if TYPE_CHECKING:
    from fim_lsp.shared_file import SharedFile

EPILOG = """\
It binds to this machine alone until there are keys: `fim-lsp gateway key add NAME`.
The address is printed as one line; what goes wrong is told on stderr. It ends on SIGTERM, after its last answers.
Exit code: 0 ended as asked, 1 it could not go on, 2 an option, a file or a setting is wrong."""
EXTRA = "the gateway is not installed: pip install 'fim-lsp[gateway]'"
PORT = 8095
LAST_PORT = 65_535
REDIS = ("redis://", "rediss://", "unix://")
NAME = re.compile(r"[\w.@-]{1,64}")


def add(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "gateway",
        help="serve the FIM API to others, over any provider",
        description="Serve Mistral's FIM API: one address for a team, over any provider of fim-lsp.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (default: this machine alone)")
    parser.add_argument("--port", type=int, default=PORT, help=f"default {PORT}; 0: a free one")
    parser.add_argument("--config", type=Path, metavar="FILE", help="instead of fim-lsp's gateway.toml or config.toml")
    parser.add_argument(
        "--provider", action="extend", nargs="+", default=[], metavar="NAME", help="who answers; several: in this order"
    )
    parser.add_argument("--folder", default="", metavar="DIR", help="what lookup answers from (default: this folder)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that share the address")
    parser.add_argument("--tls-cert", metavar="FILE", help="certificate with its chain (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="its key (PEM)")
    parser.add_argument("--redis", default="", metavar="URL", help="Redis or Valkey that counts for all workers")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="where keys are kept (default: the user's own)")
    actions = parser.add_subparsers(title="keys", dest="action", metavar="key")
    _add_key(actions.add_parser("key", help="make, list or take back keys"))


def _add_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("add", "list", "remove"))
    parser.add_argument("name", nargs="?", help="whose key it is")
    parser.add_argument("--requests-per-minute", type=int, default=0, metavar="N", help="0: no limit")
    parser.add_argument("--tokens-per-day", type=int, default=0, metavar="N", help="0: no limit")
    parser.add_argument("--keys", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="where keys are kept")


def run(args: argparse.Namespace) -> int:
    from fim_lsp.gateway import keys
    from fim_lsp.shared_file import SharedFile

    path = args.keys or keys.standard_path()
    if args.action != "key":
        return _serve(args, path)
    with _naming(path):
        return _change_keys(args, SharedFile(path))


@contextmanager
def _naming(keys_file: Path) -> Iterator[None]:
    """Says of which file it is that it cannot be read or changed."""
    try:
        yield
    except OSError as error:
        raise BadInput(f"{keys_file}: {error.strerror or error}") from None
    except ValueError as error:
        raise BadInput(f"{keys_file}: {error}") from None


def _serve(args: argparse.Namespace, keys_file: Path) -> int:
    try:
        from fim_lsp.gateway.config import Wrong, load
        from fim_lsp.gateway.serve import serve
        from fim_lsp.gateway.worker import Options
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("fim_lsp"):
            raise
        raise BadInput(EXTRA) from error
    try:
        config = load(args.config, os.environ, providers=args.provider)
    except Wrong as error:
        raise BadInput(str(error)) from None
    required = _check(args, keys_file, redis=args.redis or config.gateway.redis)
    options = Options(
        keys_file=keys_file.absolute(),
        config=args.config and args.config.absolute(),
        providers=tuple(args.provider),
        folder=args.folder,
        redis=args.redis,
        key_required=required,
    )
    tls = (args.tls_cert, args.tls_key) if args.tls_cert else None
    try:
        return serve(options, host=args.host, port=args.port, workers=args.workers, tls=tls)
    except ssl.SSLError as error:
        raise BadInput(f"--tls-cert and --tls-key are no certificate and its key ({error.reason})") from None
    except OSError as error:
        raise BadInput(f"{args.host}:{args.port} cannot be used: {error.strerror or error}") from None


def _check(args: argparse.Namespace, keys_file: Path, *, redis: str) -> bool:
    """Whether a key is asked for. Raises BadInput where the options do not go together."""
    from fim_lsp.gateway.keys import Keys
    from fim_lsp.network import is_loopback
    from fim_lsp.shared_file import SharedFile

    with _naming(keys_file):
        keys = Keys(SharedFile(keys_file))
    host = f"[{args.host}]" if ":" in args.host else args.host
    if not keys.required and not is_loopback(f"http://{host}"):
        raise BadInput(f"{args.host} is open to others, and there is no key. First: fim-lsp gateway key add NAME")
    if not 0 <= args.port <= LAST_PORT:
        raise BadInput(f"--port is a number from 0 to {LAST_PORT}")
    if args.workers < 1:
        raise BadInput("--workers is at least 1")
    if args.workers > 1 and keys.limit_anything and not redis:
        raise BadInput("several workers share limits through Redis: add --redis redis://HOST, or use one worker")
    if redis and not redis.startswith(REDIS):
        raise BadInput(f"the address of a Redis begins with one of {', '.join(REDIS)}")
    if bool(args.tls_cert) != bool(args.tls_key):
        raise BadInput("--tls-cert and --tls-key go together")
    for path in filter(None, (args.tls_cert, args.tls_key)):
        if not os.access(path, os.R_OK):
            raise BadInput(f"{path} cannot be read")
    if args.folder and not os.path.isdir(args.folder):
        raise BadInput(f"there is no folder {args.folder}")
    return keys.required


# Keys


def _change_keys(args: argparse.Namespace, file: SharedFile) -> int:
    from fim_lsp.gateway import keys
    from fim_lsp.gateway.quota import Allowance

    if args.what == "list":
        for name, entry in sorted(keys.entries_of(file).items()):
            print(f"{name}\t{_limits(entry)}")
        return 0
    if not args.name or not NAME.fullmatch(args.name):
        raise BadInput(f"key {args.what} needs a NAME of letters, digits and . _ @ -")
    if min(args.requests_per_minute, args.tokens_per_day) < 0:
        raise BadInput("a limit is 0 or more")
    try:
        if args.what == "remove":
            keys.remove(file, args.name)
            return 0
        print(keys.add(file, args.name, Allowance(args.requests_per_minute, args.tokens_per_day)))
    except KeyError:
        there = "has a key already: remove it first" if args.what == "add" else "has no key"
        raise BadInput(f"{args.name} {there}") from None
    print("This is shown once: only its hash is kept.", file=sys.stderr)
    return 0


def _limits(entry: Any) -> str:
    limits = (
        (entry.requests_per_minute, "requests per minute"),
        (entry.tokens_per_day, "tokens per day"),
    )
    return ", ".join(f"{most} {what}" for most, what in limits if most) or "no limits"
