"""Takes files out of a wheel: `unpack-wheel.py WHEEL FOLDER PATTERN...`; `*` in a pattern also matches slashes."""

import fnmatch
import os
import shutil
import sys
import zipfile

wheel, folder, *patterns = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        if entry.is_dir() or not any(fnmatch.fnmatchcase(entry.filename, pattern) for pattern in patterns):
            continue
        path = os.path.normpath(os.path.join(folder, entry.filename))
        if not path.startswith(os.path.normpath(folder) + os.sep):
            raise SystemExit(f"{entry.filename} leads out of the folder")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(entry) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        os.chmod(path, 0o755 if entry.external_attr >> 16 & 0o111 else 0o644)
