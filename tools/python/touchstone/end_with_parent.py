"""Ends this process when the one that started it has ended, also by SIGKILL and in the middle of a computation."""

import os
import threading
import time


def end_with_parent(every=0.5):
    """Does nothing unless touchstone started this process: it gives its process id as TOUCHSTONE_PARENT."""
    parent = int(os.environ.get("TOUCHSTONE_PARENT", "0"))
    # 1: it has ended already. Windows keeps the id of a parent that has ended; there the end of standard input ends us.
    if os.name == "posix" and parent != 0 and os.getppid() in (parent, 1):
        end_with(parent, every)


def end_with(parent, every=0.5):
    """Ends this process once the process `parent`, which started it, is no longer its parent."""

    def watch():
        while os.getppid() == parent:
            time.sleep(every)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
