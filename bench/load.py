#!/usr/bin/env python3
"""Sends requests to a backend at a steady rate and says for each second how they went.

usage: load.py ADDRESS:PORT HOST CA_BUNDLE RATE

Runs until its standard input is closed. Prints a JSON object a second: {"time", "sent", "slowest" (s), "retried", "failures": [text]}.

A client as services write them: connections are kept, the server's certificate is verified against CA_BUNDLE, which is read again for
every new connection, and a GET whose kept connection turns out to be closed is sent once more over a new one (RFC 9110, 9.2.2); these are
counted apart. Every other way in which an answer of 2xx does not come within 10 s is a failure.
"""
import http.client
import json
import socket
import ssl
import sys
import threading
import time

CLIENTS = 40
DEADLINE = 10.0


class Backend:
    def __init__(self, address, host, bundle):
        self.address, self.port = address.rsplit(":", 1)
        self.host, self.bundle = host, bundle

    def connect(self):
        connection = http.client.HTTPSConnection(self.host, timeout=DEADLINE)
        raw = socket.create_connection((self.address, int(self.port)), DEADLINE)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock = ssl.create_default_context(cafile=self.bundle).wrap_socket(raw, server_hostname=self.host)
        return connection


class Seconds:
    """What happened since the last report. Any thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.sent, self.slowest, self.retried, self.failures = 0, 0.0, 0, []

    def add(self, took, retried, failure):
        with self.lock:
            self.sent += 1
            self.slowest = max(self.slowest, took)
            self.retried += retried
            if failure:
                self.failures.append(failure)

    def report(self):
        with self.lock:
            print(json.dumps({"time": time.time(), "sent": self.sent, "slowest": round(self.slowest, 3), "retried": self.retried,
                              "failures": self.failures}), flush=True)
            self.reset()


class Client(threading.Thread):
    def __init__(self, backend, seconds, first, interval):
        super().__init__(daemon=True)
        self.backend, self.seconds, self.next, self.interval = backend, seconds, first, interval
        self.connection = None

    def run(self):
        while True:
            time.sleep(max(0.0, self.next - time.monotonic()))
            self.next += self.interval
            start = time.monotonic()
            retried, failure = self.ask()
            self.seconds.add(time.monotonic() - start, retried, failure)

    def ask(self):
        """(whether it was sent twice, what failed or None)"""
        for attempt in (0, 1):
            kept = self.connection is not None
            try:
                return attempt, self.once()
            except (OSError, http.client.HTTPException) as error:
                self.connection = None
                if not kept or isinstance(error, TimeoutError):
                    return attempt, f"{type(error).__name__}: {error}"
        return 1, "closed twice"

    def once(self):
        if self.connection is None:
            self.connection = self.backend.connect()
        self.connection.request("GET", "/v1/campaigns")
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.will_close or self.connection.sock is None:
            self.connection = None
        return None if answer.status // 100 == 2 else f"{answer.status} {body[:120].decode(errors='replace')}"


def main(address, host, bundle, rate):
    backend, seconds, start = Backend(address, host, bundle), Seconds(), time.monotonic()
    for number in range(CLIENTS):
        Client(backend, seconds, start + number / rate, CLIENTS / rate).start()
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.wait(1):
        seconds.report()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
