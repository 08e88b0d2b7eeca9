"""Makes attacks from inside a container: reads them as JSON, says them, tells what was said back."""
import json
import os
import re
import socket
import sys
import zlib
from binascii import a2b_base64, b2a_base64
from threading import Thread

PLACES = {
    "socket": (socket.AF_UNIX, "/run/ringward/proxy.sock"),
    "port": (socket.AF_INET, ("127.0.0.1", 3128)),
}
USER = os.environ.get("http_proxy", "").removeprefix("http://").split("@")[0].encode()
CREDENTIAL = USER.removeprefix(b"call:")
GRANTED = b"200 Connection Established\r\n\r\n"
# Then an attacker says that nothing more comes; then it gives up.
SILENT_S = 1
LONGEST_S = 15
# Of each answer.
KEPT = 900


def main():
    told = json.load(sys.stdin)
    marks = [(told["mark"].encode(), CREDENTIAL), (told["half"].encode(), CREDENTIAL[:20])]
    print(json.dumps([said for part in told["attacks"] for said in make(part, marks)]))


def make(attacks, marks):
    """One after the other; nobody waits for the patient ones before the end."""
    answers = [None] * len(attacks)

    def exchange_of(at):
        answers[at] = exchange(attacks[at], marks)

    threads = [Thread(target=exchange_of, args=(at,)) for at in range(len(attacks))]
    for thread, attack in zip(threads, attacks):
        thread.start()
        if not attack["isPatient"]:
            thread.join()
    for thread in threads:
        thread.join()
    return answers


def exchange(attack, marks):
    rest = [own(a2b_base64(text), marks) for text in attack["says"]]
    heard, count = b"", 0
    try:
        with connect(attack["to"]) as line:
            line.settimeout(LONGEST_S)
            try:
                line.sendall(rest.pop(0))
            except ConnectionError:
                pass
            if not attack["isPatient"]:
                line.settimeout(SILENT_S)
            for chunk in chunks(line):
                heard, count = (heard + chunk)[:KEPT], count + len(chunk)
                if rest and heard.endswith(GRANTED):
                    line.sendall(rest.pop(0))
                    if attack["isEnded"]:
                        line.shutdown(socket.SHUT_WR)
                elif is_whole(heard) and not attack["isPatient"]:
                    break
    except TimeoutError:
        heard += b"[silence]"
    except OSError:
        pass
    return {"heard": heard.decode("latin1"), "bytes": count}


def connect(to):
    family, place = PLACES[to]
    line = socket.socket(family)
    try:
        line.connect(place)
    except OSError:
        line.close()
        raise
    return line


def chunks(line):
    """Until the other side ends."""
    while True:
        try:
            chunk = line.recv(65_536)
        except TimeoutError:
            if line.gettimeout() == LONGEST_S:
                raise
            line.settimeout(LONGEST_S)
            line.shutdown(socket.SHUT_WR)
            continue
        if chunk == b"":
            return
        yield chunk


def is_whole(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


def own(text, marks):
    """With what this call was given in the place of what the attack was written with."""

    def plain(said):
        for mark, given in marks:
            said = said.replace(mark, given)
        return said

    def packed(found):
        try:
            said = a2b_base64(found[0])
        except ValueError:
            return found[0]
        return found[0] if plain(said) == said else base64(plain(said))

    head, end, body = text.partition(b"\r\n\r\n")
    if body.startswith(b"\x1f\x8b"):
        body = gzip(plain(zlib.decompress(body, wbits=31)))
        head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    return re.sub(rb"[A-Za-z0-9+/]{24,}=*", packed, plain(head + end + body))


def gzip(text):
    packer = zlib.compressobj(wbits=31)
    return packer.compress(text) + packer.flush()


def asking(url, *lines, method="GET", user=USER):
    """A request as this call may make it."""
    host = url.split("/")[2] if "://" in url else url.split("/")[0] or "ringward"
    first = [f"{method} {url} HTTP/1.1", f"Host: {host}"]
    last = ["Proxy-Authorization: Basic " + base64(user).decode(), *lines, "", ""]
    return "\r\n".join(first + last).encode()


def base64(text):
    return b2a_base64(text, newline=False)


def answer_to(line, text=b""):
    """All of one answer, or what there was until the end."""
    heard = b""
    try:
        line.sendall(text)
        while not is_whole(heard) and (chunk := line.recv(65_536)):
            heard += chunk
    except OSError:
        pass
    return heard


def status_of(answer):
    return answer.split(b" ")[1].decode() if answer.startswith(b"HTTP/1.1 ") else "nothing"


if __name__ == "__main__":
    main()
