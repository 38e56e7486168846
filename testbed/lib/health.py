"""Checks from the outside. Each returns what is wrong, or nothing."""

import socket
import ssl
import struct
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

_SECONDS = 2


def http(url: str) -> str:
    return _get(url, None)


def https(url: str) -> str:
    """Components sign their own certificates; a health check asks for life, not for identity."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _get(url, context)


def _get(url: str, context: ssl.SSLContext | None) -> str:
    handlers = [urllib.request.ProxyHandler({})]
    if context:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=_SECONDS):
            return ""
    except urllib.error.HTTPError as refused:
        return f"{url} answers {refused.code}"
    except OSError as silent:
        return f"{url} does not answer ({silent})"


def command(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{argv[0]} does not answer"
    return "" if done.returncode == 0 else done.stderr.strip()


def unix_socket(path: Path) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_SECONDS)
        try:
            client.connect(str(path))
            return ""
        except OSError as silent:
            return f"{path}: {silent}"


def dns(server: str, name: str) -> str:
    """A query for the A record; CoreDNS says SERVFAIL until it has heard from the API server."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack(">6H", 0x6476, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(_SECONDS)
        try:
            client.sendto(query, (server, 53))
            flags, answers = struct.unpack(">2xH2xH", client.recv(512)[:8])
        except OSError as silent:
            return f"no DNS at {server} ({silent})"
    return "" if flags & 0xF == 0 and answers else f"{name} does not resolve at {server}"
