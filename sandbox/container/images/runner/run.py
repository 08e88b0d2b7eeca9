#!/usr/bin/python3 -IS
"""`/ringward/run WORK`: waits on standard input for one call, does its work, answers it."""
import sys

sys.path.insert(0, "/ringward")

from importlib import import_module

import talk

talk.hide()
# Loaded, and started as far as it can be, before anything is read: a call waits for nothing of it.
work = import_module(sys.argv[1].replace("-", "_")).ready()
talk.serve(work)
