"""Reads answers of carriers, again and again, with karrio's mappers from PyPI.

The file names the answers, one a line: our carrier, the case, the number that
was asked for, how many events are in it, the file of its body. For each carrier
it prints the cases in which karrio finds as many events, how many of these it
reads a second of processor time, and why the others are left out.
"""

import importlib
import json
import logging
import socket
import sys
import time
from collections import defaultdict

import karrio.lib as lib
import karrio.sdk as karrio
from karrio.core.utils import Deserializable
from loguru import logger

SECONDS = 1.0


def pairs(decode):
    """What a proxy that asks number by number hands to its mapper."""
    return lambda number, body: [(number, decode(body))]


def listed(decode):
    return lambda _, body: [decode(body)]


def alone(decode):
    return lambda _, body: decode(body)


def bundled(decode):
    """Of several answers a proxy makes one; in a bundle of one karrio finds nothing."""
    return lambda _, body: decode([body, "<nothing/>"])


# Our carrier: karrio's, how its proxy decodes a body, settings it insists on.
CARRIERS = {
    "ups": ("ups", pairs(lib.to_dict), ["client_id", "client_secret"]),
    "fedex": ("fedex", alone(lib.to_dict), []),
    "usps": ("usps", pairs(lib.to_dict), ["client_id", "client_secret"]),
    "dhl_unified": ("dhl_universal", listed(lib.to_dict), ["consumer_key", "consumer_secret"]),
    "dhl_express": ("mydhl", alone(lib.to_dict), ["username", "password"]),
    "dhl_parcel_de": ("dhl_parcel_de", listed(lib.to_element), []),
    "gls": ("gls", alone(lib.to_dict), ["client_id", "client_secret"]),
    "dpd": ("dpd", pairs(lib.to_element), ["delis_id", "password"]),
    "laposte": ("laposte", alone(lib.to_dict), ["api_key"]),
    "royal_mail": ("royalmail", listed(lib.to_dict), ["client_id", "client_secret"]),
    "canada_post": ("canadapost", bundled(lib.to_element), ["username", "password"]),
    "australia_post": ("australiapost", alone(lib.to_dict), ["api_key", "password", "account_number"]),
    "easypost": ("easypost", pairs(lib.to_dict), ["api_key"]),
    "shipengine": ("shipengine", pairs(lib.to_dict), ["api_key"]),
}

# These fetch a picture when a parcel was delivered, which is no reading.
FETCHING = ["fedex", "mydhl"]


def quiet():
    """No log, which would only slow it down, and no network."""
    logger.remove()
    logging.disable()

    def refuse(*_):
        raise OSError("a mapper that is measured may not go out")

    socket.socket.connect = refuse
    for name in FETCHING:
        utils = importlib.import_module(f"karrio.providers.{name}.utils")
        utils.get_proof_of_delivery = lambda *_: None


def reader(mapper, decode, number, body):
    def read():
        answer = Deserializable(body, lambda body: decode(number, body))
        details, _ = mapper.parse_tracking_response(answer)
        return details

    return read


def reason_against(read, expected):
    """Why an answer is left out, or nothing."""
    try:
        found = sum(len(tracking.events) for tracking in read())
    except Exception as error:  # Whatever a mapper raises is the finding.
        return f"{type(error).__name__}: {error}".splitlines()[0][:70]
    return None if found == expected else f"it finds {found or 'no'} of {expected} events"


def per_second(reads):
    begun = time.process_time()
    done = 0
    while time.process_time() - begun < SECONDS:
        for read in reads:
            read()
        done += len(reads)
    return done / (time.process_time() - begun)


def measured(carrier, answers):
    name, decode, needed = CARRIERS[carrier]
    settings = {"test_mode": True, **dict.fromkeys(needed, "none")}
    mapper = karrio.gateway[name].create(settings).mapper
    cases, reads, left_out = [], [], {}
    for case, number, expected, body in answers:
        read = reader(mapper, decode, number, body)
        if reason := reason_against(read, expected):
            left_out[case] = reason
        else:
            cases.append(case)
            reads.append(read)
    rate = per_second(reads) if reads else None
    return {"peer": name, "cases": cases, "per_second": rate, "left_out": left_out}


def main():
    quiet()
    answers = defaultdict(list)
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file.read().splitlines():
            carrier, case, number, expected, path = line.split("\t")
            with open(path, encoding="utf-8", errors="replace") as body:
                answers[carrier].append((case, number, int(expected), body.read()))
    print(json.dumps({name: measured(name, found) for name, found in answers.items() if name in CARRIERS}))


main()
