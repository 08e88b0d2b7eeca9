"""The work of `git.log`: commits of a repository that nobody here trusts."""
import json
import os

from child import OUTPUT_BYTES, Child, spawn
from talk import Failed

WORKSPACE = "/workspace"
# Ours, in place of the repository's own: its objects and references, and none of its configuration.
GIT_DIR = "/tmp/git"
TAKEN = ("objects", "refs", "packed-refs", "shallow")
HEAD_BYTES = 4_096
CONFIG = """[core]
repositoryformatversion = 0
bare = true
# Files of the repository's that say what its objects would say.
commitGraph = false
multiPackIndex = false
"""

LIMIT = 50
FIELDS = ("hash", "author", "email", "date", "subject", "body")
FORMAT = "%H%x00%an%x00%ae%x00%aI%x00%s%x00%b"
LOG_BYTES = 4_194_304
BODY_CHARS = 2_000
SHORT_CHARS = 500
# All commits together, as JSON.
COMMITS_BYTES = 200_000


def ready():
    return run


def run(arguments, _environment):
    adopt(repository(arguments["repo"]))
    null = os.open("/dev/null", os.O_RDONLY)
    words = log_words(arguments)
    child = Child(lambda *outs: spawn(words, ENVIRONMENT, (null, *outs)), (LOG_BYTES, OUTPUT_BYTES))
    code, stdout, stderr = child.wait()
    if code != 0:
        raise Failed(f"git ends with {code}: {first_line(stderr.text())}")
    return commits_of(stdout, arguments.get("limit", LIMIT))


ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nowhere",
    "LANG": "C.UTF-8",
    "GIT_DIR": GIT_DIR,
    # References of the repository's could put other commits in the place of these.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
}


def log_words(arguments):
    words = ["/usr/bin/git", "log", "-z", f"--format={FORMAT}", "--encoding=UTF-8"]
    words.append(f"--max-count={arguments.get('limit', LIMIT) + 1}")
    if "since" in arguments:
        words.append(f"--since={arguments['since']}")
    # Behind `--` stands a path, whatever it looks like.
    return [*words, "HEAD", "--", *([arguments["path"]] if "path" in arguments else [])]


def repository(path):
    """The folder with the objects. A `.git` that only names another place leads nowhere."""
    place = os.path.normpath(os.path.join(WORKSPACE, path))
    if place != WORKSPACE and not place.startswith(WORKSPACE + "/"):
        raise Failed("the repository is no path beneath the workspace")
    for folder in (os.path.join(place, ".git"), place):
        if not os.path.islink(folder) and os.path.isdir(os.path.join(folder, "objects")):
            return folder
    raise Failed("there is no repository; one whose `.git` is a link or a file is not read")


def adopt(folder):
    os.mkdir(GIT_DIR)
    with open(f"{GIT_DIR}/config", "w") as file:
        file.write(CONFIG)
    # git follows no link here.
    with open(f"{GIT_DIR}/HEAD", "wb") as file:
        file.write(head_of(folder))
    for name in TAKEN:
        place = os.path.join(folder, name)
        if os.path.lexists(place):
            os.symlink(place, os.path.join(GIT_DIR, name))


def head_of(folder):
    try:
        with open(os.path.join(folder, "HEAD"), "rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise Failed("the repository has no `HEAD`") from error


def commits_of(output, limit):
    fields = output.content.decode(errors="replace").split("\0")
    commits, room = [], COMMITS_BYTES
    for at in range(0, len(fields) - len(FIELDS) + 1, len(FIELDS)):
        commit = commit_of(fields[at : at + len(FIELDS)])
        room -= len(json.dumps(commit, ensure_ascii=False).encode()) + 1
        if room < 0 or len(commits) == limit:
            return {"commits": commits, "more": True}
        commits.append(commit)
    return {"commits": commits, "more": output.is_cut}


def commit_of(fields):
    commit = dict(zip(FIELDS, fields))
    body = commit["body"].rstrip("\n")[:BODY_CHARS]
    return {**{name: text[:SHORT_CHARS] for name, text in commit.items()}, "body": body}


def first_line(text):
    return text.strip().split("\n")[0][:300]
