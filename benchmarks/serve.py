"""Start-up, idle memory and throughput of the server, beside a bare aiohttp handler in one run.

    make bench

Every request is the events page's order_placed example with an order id and an idempotency key of
its own; the client is raw sockets on kept-alive connections in a process of its own.
"""

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from contracts import schemas

ROUNDS = 3
SECONDS = 4.0
CONNECTIONS = 8
EVENT = json.dumps(schemas.schema("order_placed")["examples"][0])

BARE = """
import asyncio, json, sys, uuid
from aiohttp import web
async def handle(request):
    json.loads(await request.read())
    return web.json_response({"event_id": f"evt-{uuid.uuid4()}"})
async def main():
    app = web.Application()
    app.router.add_post("/sandbox/events", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    open(sys.argv[1], "w").write(json.dumps({"url": f"http://127.0.0.1:{port}"}))
    await asyncio.Event().wait()
try:
    import uvloop
    uvloop.run(main())
except ImportError:
    asyncio.run(main())
"""


def start(command: list[str], ready: Path) -> tuple[subprocess.Popen[bytes], int, float]:
    """The process, its port, and the seconds until its ready file was there."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while True:
        try:
            url = json.loads(ready.read_text())["url"]
            break
        except (FileNotFoundError, ValueError):
            time.sleep(0.002)
    return process, int(url.rsplit(":", 1)[1]), time.perf_counter() - began


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


async def load(port: int, seconds: float) -> float:
    """Requests a second over several connections, one request at a time on each."""
    until = time.perf_counter() + seconds
    counts = [0] * CONNECTIONS

    async def one(place: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            body = EVENT.replace("ord-123", f"ord-{place}-{counts[place]}-{until}").encode()
            writer.write(
                b"POST /sandbox/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Authorization: Bearer sk_test_bench\r\nContent-Type: application/json\r\n"
                b"Hakuna-Version: v2.0\r\n"
                b"Hakuna-Idempotency-Key: %d-%d-%f\r\n"
                b"Content-Length: %d\r\n\r\n" % (place, counts[place], until, len(body)) + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            counts[place] += 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(place) for place in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    mock = [sys.executable, "-m", "hakuna_mock", "serve", "--port", "0", "--log-format", "quiet"]
    with tempfile.TemporaryDirectory() as folder:
        starts, idle = [], 0.0
        for number in range(7):
            ready = Path(folder) / f"start-{number}.json"
            process, _, seconds = start([*mock, "--ready-file", str(ready)], ready)
            starts.append(seconds)
            idle = resident_mib(process.pid)
            process.send_signal(signal.SIGTERM)
            process.wait()
        print(f"time to ready: median {statistics.median(starts):.3f} s, worst {max(starts):.3f} s")
        print(f"memory when idle: {idle:.0f} MiB")
        rates: dict[str, list[float]] = {"bare aiohttp handler": [], "hakuna-mock": []}
        for number in range(ROUNDS):
            for name, measured in rates.items():
                ready = Path(folder) / f"{number}-{name[:4]}.json"
                command = [*mock, "--ready-file", str(ready)]
                if name != "hakuna-mock":
                    command = [sys.executable, "-c", BARE, str(ready)]
                process, port, _ = start(command, ready)
                asyncio.run(load(port, 0.5))
                measured.append(asyncio.run(load(port, SECONDS)))
                process.send_signal(signal.SIGTERM)
                process.wait()
        medians = {name: statistics.median(values) for name, values in rates.items()}
        for name, rate in medians.items():
            print(f"{name}: {rate:,.0f} requests/s (median of {ROUNDS} × {SECONDS:g} s)")
        share = medians["hakuna-mock"] / medians["bare aiohttp handler"]
        print(f"hakuna-mock reaches {share:.0%} of the bare handler")


if __name__ == "__main__":
    main()
