"""A registry that sends a file of answers to be scored: in a process of its own, or once.

`python -m tests.benchmarks.send PORT TOKEN FILE` sends it again and again until it is ended.
"""

import http.client
import sys
from pathlib import Path


def send(port: int, token: str, answers: Path) -> bytes:
    """Send a CSV file of RAND-36 answers; return the scores as CSV."""
    headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {token}"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/v1/score/rand-36", answers.read_bytes(), headers)
    answer = connection.getresponse()
    scores = answer.read()
    connection.close()
    assert answer.status == 200, scores
    return scores


if __name__ == "__main__":
    while True:
        send(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
