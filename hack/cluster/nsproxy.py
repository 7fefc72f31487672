#!/usr/bin/env python3
"""nsproxy.py STATE PID LISTEN_PORT TARGET_HOST TARGET_PORT

Listen on 127.0.0.1:LISTEN_PORT of the network namespace this is started in (0: a free port), write the port to STATE/api-port,
and connect to TARGET_HOST:TARGET_PORT inside the network namespace of process PID. No interface, route or firewall rule is made:
the API server of a cluster in its own namespace is reached over loopback. Ends when process PID ends.
"""
import ctypes
import os
import selectors
import socket
import sys
import threading
import time

CLONE_NEWNET = 0x40000000


def pump(a, b):
    """Copy both ways until both ends have closed; half-closed connections stay open the other way."""
    sel = selectors.DefaultSelector()
    sel.register(a, selectors.EVENT_READ, b)
    sel.register(b, selectors.EVENT_READ, a)
    open_ends = 2
    try:
        while open_ends:
            for key, _ in sel.select():
                data = key.fileobj.recv(65536)
                if data:
                    key.data.sendall(data)
                else:
                    sel.unregister(key.fileobj)
                    open_ends -= 1
                    try:
                        key.data.shutdown(socket.SHUT_WR)
                    except OSError:
                        pass
    except OSError:
        pass
    finally:
        a.close()
        b.close()
        sel.close()


def serve(client, host, port):
    try:
        upstream = socket.create_connection((host, port), timeout=10)
        upstream.settimeout(None)
        for end in (client, upstream):  # heads and bodies come in small pieces, which must not wait for each other
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        client.close()
        return
    pump(client, upstream)


def end_with(pid):
    """The cluster is gone when its process 1 is: then nothing is left to forward to."""
    while os.path.exists(f"/proc/{pid}"):
        time.sleep(1)
    os._exit(0)


def main():
    state, pid, lport, host, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
    try:
        listener = socket.create_server(("127.0.0.1", lport), backlog=128)
    except OSError as e:
        sys.exit(f"port {lport} of 127.0.0.1: {e.strerror}")
    lport = listener.getsockname()[1]
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/proc/{pid}/ns/net") as ns:  # the listener stays in the old namespace
        if libc.setns(ns.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    with open(f"{state}/api-port.new", "w") as f:
        f.write(f"{lport}\n")
    os.rename(f"{state}/api-port.new", f"{state}/api-port")
    threading.Thread(target=end_with, args=(pid,), daemon=True).start()
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, host, port), daemon=True).start()


main()
