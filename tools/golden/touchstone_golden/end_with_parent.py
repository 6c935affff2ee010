"""Ends this process when the one that started it has ended, also by SIGKILL and in the middle of a computation."""

import os
import threading
import time


def end_with_parent(parent=None, every=0.5):
    """To be called first. `parent`: its process id; by default that of now, or TOUCHSTONE_PARENT."""
    parent = parent or int(os.environ.get("TOUCHSTONE_PARENT", os.getppid()))

    def watch():
        while os.getppid() == parent:
            time.sleep(every)
        os._exit(1)

    # Windows keeps the id of a parent that has ended; there the end of standard input has to do.
    if os.name == "posix":
        threading.Thread(target=watch, daemon=True).start()
