"""A server's certificate that nobody vouches for."""

import ssl
import subprocess
from pathlib import Path


def own_certificate(folder: Path) -> ssl.SSLContext:
    """What a server on localhost needs to show a certificate of its own, written to `folder`."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    named = ["-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
    subprocess.run([*made, *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
