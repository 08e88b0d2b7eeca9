"""`/ringward/run serve PROGRAM WORD…`: starts a server that stays, and ends with it. What it says goes to
whoever asked, word for word; where there is a way out, it is told so in its environment."""
import json
import os
import sys

import forward
from child import spawn


def ready():
    """Never returns."""
    credential = json.loads(first_line())["credential"] if os.path.exists(forward.SOCKET) else None
    process = spawn(sys.argv[2:], forward.environment(credential), (0, 1, 2))
    _, status = os.waitpid(process, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def first_line():
    """Byte by byte: all that comes after it is the server's."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if byte == b"":
            os._exit(0)
        line += byte
    return line
