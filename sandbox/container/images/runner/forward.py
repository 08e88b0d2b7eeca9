"""The way out for programs that know nothing of it: a port on `lo` that leads to the call's socket."""
import os
import socket
import threading
import time

SOCKET = "/run/ringward/proxy.sock"
PORT = 3128
# Copied at a time.
CHUNK = 65_536
# Connections; beyond, the gateway drops them.
AT_ONCE = 16
PAUSE_S = 0.01


def environment(credential):
    """What a program of the call finds in its environment; starts the way out where there is one."""
    if credential is None or not os.path.exists(SOCKET):
        return dict(os.environ)
    listener = socket.create_server(("127.0.0.1", PORT))
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
    way = f"http://call:{credential}@127.0.0.1:{PORT}"
    names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    return {**os.environ, **dict.fromkeys(names, way)}


def accept(listener):
    """As many connections at a time as the gateway takes; the next ones wait."""
    room = threading.Semaphore(AT_ONCE)
    while True:
        near = None
        room.acquire()
        try:
            near, _ = listener.accept()
            threading.Thread(target=join, args=(near, room), daemon=True).start()
        except (OSError, RuntimeError):
            # The program has all descriptors or threads, and may give some back.
            room.release()
            time.sleep(PAUSE_S)


def join(near, room):
    try:
        with near, socket.socket(socket.AF_UNIX) as far:
            far.connect(SOCKET)
            back = threading.Thread(target=copy, args=(far, near), daemon=True)
            back.start()
            copy(near, far)
            back.join()
    except (OSError, RuntimeError):
        # Nobody listens there any more, or nothing is left to join with: the program sees an end.
        pass
    finally:
        room.release()


def copy(source, target):
    try:
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        tear(target)


def tear(target):
    """Who waits for more of it waits no longer; what it has said already can still be read."""
    try:
        target.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
