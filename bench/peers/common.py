"""Shared by the Python contestants: arguments, and the line of JSON that the runner reads."""

import argparse
import json
import time


class Reader:
    """One client. If a method is missing, the contestant ends with an error, and the runner skips it."""


def run(reader):
    arguments = argparse.ArgumentParser()
    arguments.add_argument("name")
    arguments.add_argument("--work")
    arguments.add_argument("--items", type=int)
    arguments.add_argument("--url")
    arguments.add_argument("--token")
    arguments.add_argument("--paths")
    arguments.add_argument("--document")
    asked = arguments.parse_args()
    more = []
    if asked.work == "paths":
        with open(asked.paths) as file:
            more = [file.read().splitlines()]
    if asked.work == "nodes":
        with open(asked.document) as file:
            more = [file.read()]
    start = time.perf_counter()
    items = getattr(reader(asked.url, asked.token), asked.work)(*more)
    print(json.dumps({"items": items, "seconds": time.perf_counter() - start}))
