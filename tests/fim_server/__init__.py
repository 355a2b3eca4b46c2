"""A FIM service on a real loopback socket, for tests: scripted answers, faults, and a record of every request.

    async with FimServer(Script(text="return a + b\\n")) as server:
        ...  # ask server.base_url
        assert server.requests[0].body["max_tokens"] == 128

It checks what it is sent and what it sends against the published schemas of Mistral's API, and refuses unknown fields
as the live service does. `python -m tests.fim_server` runs it for an editor.
"""

from tests.fim_server.faults import FAULTS
from tests.fim_server.script import Script
from tests.fim_server.server import FimServer, Recorded

__all__ = ["FAULTS", "FimServer", "Recorded", "Script"]
