"""How the server is told to end where the event loop takes no signal handlers (Windows)."""

import asyncio
import os
import signal

from mock_server.serving import _on_signals


async def test_a_loop_without_signal_handlers_is_woken_by_plain_ones(monkeypatch):
    def refuse(*_arguments):
        raise NotImplementedError

    before = {
        name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", refuse, raising=False)
    try:
        stopped = _on_signals()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stopped.wait(), 10)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
