"""The work of `python.run`: code in a process of its own, which waits for it with Python loaded."""
import json
import os
import signal
import sys
import traceback

import talk
from child import OUTPUT_BYTES, Child

ANSWER_BYTES = 1_048_576
# Beyond it a number is not the same one for every reader of JSON.
SAFE_INTEGER = 2**53 - 1
# More than the program that answers has open by then.
OPEN_MOST = 64


def ready():
    read, write = os.pipe()
    rooms = (OUTPUT_BYTES, OUTPUT_BYTES, ANSWER_BYTES)
    child = Child(lambda *outputs: fork(read, outputs), rooms)
    return lambda arguments, environment: run(child, write, (arguments, environment))


def run(child, to_child, told):
    talk.write(to_child, json.dumps(told).encode())
    os.close(to_child)
    code, stdout, stderr, answer = child.wait()
    try:
        output, error = json.loads(answer.content)
    except ValueError:
        output, error = None, f"the code ended its process, with exit code {code}"
    if error is not None:
        talk.write(2, bytes(stderr.content))
        raise talk.Failed(error)
    said = {"output": output, "stdout": stdout.text(), "stderr": stderr.text()}
    return {**said, "truncated": stdout.is_cut or stderr.is_cut}


def fork(told, outputs):
    process = os.fork()
    if process == 0:
        answer_call(told, outputs)
    return process


def answer_call(told, outputs):
    """Never returns. Has its own output, and nothing of what the program that answers has open."""
    stdout, stderr, answer = outputs
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for at, number in enumerate((os.open("/dev/null", os.O_RDONLY), stdout, stderr)):
        os.dup2(number, at)
    for number in range(3, OPEN_MOST):
        if number not in (told, answer):
            close(number)
    with os.fdopen(told, "rb") as file:
        arguments, environment = json.loads(file.read())
    said = outcome(arguments, environment)
    sys.stdout.flush()
    talk.write(answer, said)
    os._exit(0)


def close(number):
    try:
        os.close(number)
    except OSError:
        pass


def outcome(arguments, environment):
    os.environ.clear()
    os.environ.update(environment)
    sys.path.remove("/ringward")
    world = {"__name__": "__main__", "__builtins__": __builtins__, "input": arguments.get("input")}
    try:
        exec(compile(arguments["code"], "<code>", "exec"), world)
    except SystemExit as error:
        if error.code not in (None, 0):
            return answer_of(None, f"the code exits with {error.code!r}")
    except BaseException as error:
        traceback.print_exc()
        return answer_of(None, described(error))
    return output_of(world.get("output"))


def output_of(value):
    try:
        answer = answer_of(value, None)
        json.loads(answer, parse_int=safe, object_pairs_hook=distinct)
    except (ValueError, TypeError, RecursionError) as error:
        return answer_of(None, f"the output is no JSON: {error}")
    if len(answer) > ANSWER_BYTES:
        return answer_of(None, "the output is too large")
    return answer


def answer_of(output, error):
    return json.dumps([output, error], ensure_ascii=False, allow_nan=False).encode()


def safe(digits):
    if abs(number := int(digits)) > SAFE_INTEGER:
        raise ValueError("an integer beyond 2**53 - 1; make it a text")
    return number


def distinct(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("two keys of an object are the same text")
    return None


def described(error):
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__)
             if frame.f_code.co_filename == "<code>"]
    where = f" (line {lines[-1]})" if lines else ""
    text = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    return text[:400].encode(errors="replace").decode() + where
