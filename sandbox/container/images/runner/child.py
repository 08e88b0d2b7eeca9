"""A process of the call's, and what it says, cut off where that grows too long."""
import json
import os
import select
import signal

# Of an output; what is cut off is read, and thrown away.
OUTPUT_BYTES = 65_536
# Of an output in JSON, where a byte can become six.
OUTPUT_JSON_BYTES = 98_304
CPU_EXIT = 128 + signal.SIGXCPU


class Child:
    """Started as soon as it is made."""

    def __init__(self, start, rooms=(OUTPUT_BYTES, OUTPUT_BYTES)):
        """`start` is given a place to write to for each room, and returns its process id."""
        self.ends = wake_at_ends()
        pipes = [os.pipe() for _ in rooms]
        self.process = start(*(write for _, write in pipes))
        self.outputs = {read: Output(room) for (read, _), room in zip(pipes, rooms)}
        for read, write in pipes:
            os.close(write)
            os.set_blocking(read, False)

    def wait(self):
        """Its exit code (128 + n for signal n), and its outputs in their order. What it started and
        left behind is not waited for."""
        poll = select.poll()
        for number in (self.ends, *self.outputs):
            poll.register(number, select.POLLIN)
        while (code := self.exit_code()) is None:
            for number, _ in poll.poll():
                if not self.take(number):
                    poll.unregister(number)
        for number in self.outputs:
            # All that it said is there, however many others hold the other end.
            while self.take(number):
                pass
        if code == CPU_EXIT:
            # The call ends as one that used up its processor time, not as one that was done.
            os._exit(CPU_EXIT)
        return code, *self.outputs.values()

    def take(self, number):
        """Reads what is there; false where nothing is, or will be."""
        try:
            chunk = os.read(number, OUTPUT_BYTES)
        except BlockingIOError:
            return False
        if number in self.outputs:
            self.outputs[number].add(chunk)
        return chunk != b""

    def exit_code(self):
        process, status = os.waitpid(self.process, os.WNOHANG)
        if process == 0:
            return None
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code


def wake_at_ends():
    """A place to read from where something can be read when a process has ended."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return read


class Output:
    """As much as there is room for, in bytes."""

    def __init__(self, room):
        self.content = bytearray()
        self.room = room
        self.is_cut = False

    def add(self, chunk):
        room = self.room - len(self.content)
        self.content += chunk[:room]
        self.is_cut = self.is_cut or len(chunk) > room

    def text(self):
        text = self.content.decode(errors="replace")
        while (size := len(json.dumps(text, ensure_ascii=False).encode())) > OUTPUT_JSON_BYTES:
            text = text[: len(text) * OUTPUT_JSON_BYTES // size]
            self.is_cut = True
        return text


def spawn(words, environment, streams):
    """Starts a program that has the streams as 0, 1 and 2, and nothing else that is open here."""
    return os.posix_spawn(
        words[0],
        words,
        environment,
        file_actions=[(os.POSIX_SPAWN_DUP2, number, at) for at, number in enumerate(streams)],
        # Python ignores these two for itself.
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )
