"""What `sam build` laid out is packed once for each change."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

_PACK = Path(__file__).parent.parent / "pack.py"


class PackTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.built, self.packed = Path(folder.name, "build"), Path(folder.name, "packed")
        (self.built / "Track").mkdir(parents=True)

    def pack(self, program: bytes) -> Path:
        """Packs a function as it was built; the file that holds it."""
        (self.built / "Track/bootstrap").write_bytes(program)
        (self.built / "template.yaml").write_text("      CodeUri: Track\n      Location: Watch/template.yaml\n")
        subprocess.run([sys.executable, "-B", _PACK, self.built, self.packed], check=True)
        return self.packed / "Track.zip"

    def test_the_template_leads_to_a_program_that_can_be_run(self) -> None:
        file = self.pack(b"one")
        with zipfile.ZipFile(file) as archive:
            self.assertEqual(archive.read("bootstrap"), b"one")
            self.assertEqual(archive.getinfo("bootstrap").external_attr >> 16 & 0o777, 0o755)
        template = (self.built / "template.yaml").read_text()
        self.assertEqual(template, f"      CodeUri: {file.resolve()}\n      Location: Watch/template.yaml\n")

    def test_only_what_changed_is_packed_anew(self) -> None:
        file = self.pack(b"one")
        os.utime(file, (0, 0))
        self.assertEqual(self.pack(b"one").stat().st_mtime, 0)
        self.assertNotEqual(self.pack(b"two").stat().st_mtime, 0)

    def test_what_was_cut_off_is_packed_anew(self) -> None:
        file = self.pack(b"one")
        file.write_bytes(file.read_bytes()[:40])
        self.pack(b"one")
        with zipfile.ZipFile(file) as archive:
            self.assertEqual(archive.read("bootstrap"), b"one")


if __name__ == "__main__":
    unittest.main()
