"""Recognises the numbers of a file, again and again, with PyPI's tracking-numbers.

Prints how many a second of processor time, and how many it found a carrier for.
"""

import json
import sys
import time

from tracking_numbers import get_tracking_number

SECONDS = 2.0


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        numbers = file.read().split()
    found = sum(get_tracking_number(number) is not None for number in numbers)
    begun = time.process_time()
    done = 0
    while time.process_time() - begun < SECONDS:
        for number in numbers:
            get_tracking_number(number)
        done += len(numbers)
    spent = time.process_time() - begun
    print(json.dumps({"per_second": done / spent, "found": found}))


main()
