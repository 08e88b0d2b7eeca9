#!/bin/sh
# Standard output is the answer's alone. What else writes there, a program that the code starts, writes
# to the log.
exec /usr/bin/node /ringward/main.js 3>&1 1>&2
