"""One call: a line of JSON on standard input, one document on standard output. Then the end."""
import ctypes
import json
import os
import sys
from binascii import a2b_base64, b2a_base64

import forward

HOME = "/work"
# What a call may bring and leave; the gateway counts again.
FILES = 64
FILES_BYTES = 8_388_608


class Failed(Exception):
    """Ends the call; its text is told to whoever called."""


PR_SET_DUMPABLE = 4


def hide():
    """The kernel shows nobody the memory of this process, where the nonce is, nor what it has open:
    no program that it starts either, which has its user."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def serve(work):
    """`work(arguments, environment)` gives the output, or raises `Failed`."""
    told = json.loads(sys.stdin.buffer.readline())
    said = {"nonce": told["nonce"]}
    try:
        brought = unpack(told["files"]) if "files" in told else None
        said["output"] = work(told["arguments"], forward.environment(told.get("credential")))
        if brought is not None:
            said["files"] = pack(brought)
        text = text_of(said)
    except Failed as error:
        text = text_of({"nonce": told["nonce"], "error": str(error)})
    write(1, text)
    # Whatever still runs here, a thread or a process, has nothing to say any more.
    os._exit(0)


def text_of(said):
    try:
        return json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Failed(f"the output is no JSON: {error}") from error


def write(number, rest):
    while rest:
        rest = rest[os.write(number, rest) :]


def unpack(files):
    """Puts the files of a call into its home; what they were, by path."""
    brought = {}
    for path, text in files.items():
        brought[path] = content = a2b_base64(text)
        put(path, content)
    return brought


def put(path, content):
    place = os.path.normpath(os.path.join(HOME, path))
    if not place.startswith(HOME + "/"):
        raise Failed(f"`{path}` is no path beneath the home")
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(content)


def pack(brought):
    """The plain files of the home that are new or changed, by path, as base64."""
    left = {}
    room = FILES_BYTES
    for path in found(HOME):
        with open(os.path.join(HOME, path), "rb") as file:
            content = file.read(room + 1)
        if brought.get(path) == content:
            continue
        room -= len(content)
        if room < 0 or len(left) == FILES:
            raise Failed("the call leaves more files than it may")
        left[path] = b2a_base64(content, newline=False).decode()
    return left


def found(folder):
    """Paths, relative to it, of the plain files in it. No link is followed."""
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            place = os.path.join(here, name)
            if os.path.isfile(place) and not os.path.islink(place):
                yield os.path.relpath(place, folder)
