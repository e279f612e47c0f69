"""Makes the corpora that fuzzing begins with out of the recorded answers."""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent
FIXTURES = ROOT.parent / "shared/carriers/fixtures"
# As in src/lib.rs.
XML = {"canada_post", "dhl_parcel_de", "dpd", "russian_post"}
TIME = re.compile(rb"\d[\d:./T+ Z-]{6,30}\d")


def seed(target, content):
    folder = ROOT / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def main():
    for file in sorted(FIXTURES.glob("*/*.http")):
        carrier, content = file.parent.name, file.read_bytes()
        target = "answers_xml" if carrier in XML else "answers_json"
        seed(target, carrier.encode() + b"\n" + content)
        seed("recorded", content)
        for number in re.findall(rb"posthorn-asked-for: *(.+)", content):
            for one in number.split(b","):
                seed("numbers", one.strip())
        for time in TIME.findall(content):
            seed("times", time)
    for file in sorted(FIXTURES.glob("*/push/*.http")):
        carrier = file.parent.parent.name
        seed("pushes", carrier.encode() + b"\n" + file.read_bytes())
    for folder in sorted((ROOT / "corpus").iterdir()):
        print(f"{folder.name}: {len(list(folder.iterdir()))}")


main()
