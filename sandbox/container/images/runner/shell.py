"""The work of `shell.run`: one command, as a shell reads it."""
import os

import talk
from child import Child, spawn


def ready():
    return run


def run(arguments, environment):
    for path, text in arguments.get("files", {}).items():
        talk.put(path, text.encode())
    stdin = spooled(arguments.get("stdin", "").encode())
    words = ["/bin/sh", "-c", arguments["command"]]
    child = Child(lambda *outputs: spawn(words, environment, (stdin, *outputs)))
    code, stdout, stderr = child.wait()
    said = {"exitCode": code, "stdout": stdout.text(), "stderr": stderr.text()}
    return {**said, "truncated": stdout.is_cut or stderr.is_cut}


def spooled(content):
    """A file without a name: nobody has to write while the command reads."""
    if content == b"":
        return os.open("/dev/null", os.O_RDONLY)
    number = os.open("/tmp/.stdin", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.unlink("/tmp/.stdin")
    talk.write(number, content)
    os.lseek(number, 0, os.SEEK_SET)
    return number
