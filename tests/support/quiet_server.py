"""A server of the standard library for tests whose clients leave before they are answered."""

from http.server import ThreadingHTTPServer


class QuietServer(ThreadingHTTPServer):
    """A handler that writes to a client that is gone says nothing: its traceback would appear in
    the output of whichever test runs by then.
    """

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass
