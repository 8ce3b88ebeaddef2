"""The reference of the benchmarks: an aiohttp handler that parses a body and answers an id.

It reads no header, checks nothing and keeps nothing. It runs on the loop of the standard library,
as `hakuna-mock serve` does; with `--loop uvloop` on uvloop.
"""

import argparse
import asyncio
import json
import uuid
from pathlib import Path

from aiohttp import web


async def answer(request: web.Request) -> web.Response:
    """An id for any JSON."""
    json.loads(await request.read())
    return web.json_response({"event_id": f"evt-{uuid.uuid4()}"})


async def listen(ready_file: Path) -> None:
    """Listen on any free port and write its URL to the ready file."""
    app = web.Application()
    app.router.add_post("/sandbox/events", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    ready_file.write_text(json.dumps({"url": f"http://127.0.0.1:{port}"}))  # noqa: ASYNC240
    await asyncio.Event().wait()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    arguments = parser.parse_args()
    run = asyncio.run
    if arguments.loop == "uvloop":
        from uvloop import run
    run(listen(arguments.ready_file))


if __name__ == "__main__":
    main()
