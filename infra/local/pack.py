"""Packs what `sam build` laid out, so that `sam deploy` uploads it as it is.

    python pack.py .tools/build .tools/packed
    python pack.py path/to/bootstrap ingest.zip

SAM packs each function's folder anew at every deployment, so thoroughly that
on a laptop it takes longer than all the rest; a file that is packed already it
takes as it stands. Here a function is packed quickly, and only if it changed.

The second form packs one program for a release: as small as it gets.
"""

from __future__ import annotations

import hashlib
import re
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# What a line of the laid-out template says where a function's folder is.
_FOLDER = re.compile(r"^( +CodeUri: )(\w+)$", re.MULTILINE)
_PROGRAM = "bootstrap"
# The earliest that the format knows: the same program is the same file.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def main() -> int:
    built, packed = map(Path, sys.argv[1:])
    if built.is_file():
        pack(built, packed, compresslevel=9)
        return 0
    packed.mkdir(parents=True, exist_ok=True)
    template = built / "template.yaml"
    text = template.read_text()
    names = [name for _, name in _FOLDER.findall(text)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: pack(built / name / _PROGRAM, packed / f"{name}.zip"), names))
    template.write_text(_FOLDER.sub(lambda found: f"{found[1]}{(packed / found[2]).resolve()}.zip", text))
    return 0


def pack(program: Path, file: Path, compresslevel: int = 1) -> None:
    """Packs `program` into `file`, unless that holds it already."""
    content = program.read_bytes()
    digest = hashlib.sha256(content).hexdigest().encode()
    if _digest_in(file) == digest:
        return
    entry = zipfile.ZipInfo(_PROGRAM, _LONG_AGO)
    entry.external_attr = 0o100755 << 16
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel)
        archive.comment = digest


def _digest_in(file: Path) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.comment
    except (OSError, zipfile.BadZipFile):
        return b""


if __name__ == "__main__":
    raise SystemExit(main())
