"""A registry that pulls its whole feed, at the least cost to the machine: in a process of its own.

`python -m tests.benchmarks.pull PORT TOKEN` pulls again and again until it is ended.
"""

import socket
import sys
from dataclasses import dataclass

REQUEST = (
    "GET /api/v1/results{query} HTTP/1.1\r\nHost: svar\r\nAccept: application/x-ndjson\r\n"
    "Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came: how many lines, and how many bytes."""

    lines: int
    size: int


def pull(port: int, token: str, query: str = "") -> Pulled:
    """Pull everything, and count it without reading it."""
    buffer, lines, size = bytearray(1 << 20), 0, 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(REQUEST.format(token=token, query=query).encode())
        while got := connection.recv_into(buffer):
            lines += buffer.count(b"\n", 0, got) - buffer.count(b"\r", 0, got)  # not HTTP's own
            size += got
    return Pulled(lines, size)


if __name__ == "__main__":
    while True:
        pull(int(sys.argv[1]), sys.argv[2])
