# SPDX-License-Identifier: MIT OR Apache-2.0
"""check_sdk LIBRARY EXCEPTIONS FILE...: every class, method, callback, function, constant and system register of our
tables is in Apple's SDK as we say, but for the exceptions, of which each must be needed; and every entry that is changed
in one place is found to be wrong. LIBRARY is the runtime that carries the SDK's metadata."""
import sys

import nsmd
import tables

# What a comparison must at least find, so that a table that is not read any more is noticed.
LEAST = {"class": 30, "method": 100, "value": 25, "function": 60, "constant": 15, "register": 80}


def read_table(path):
    if path.endswith(".def"):
        return tables.read_definitions(path)
    if path.endswith("_api.h"):
        return tables.read_declarations(path)
    return tables.read_registers(path)


def read_exceptions(path):
    """Lines of KEY: REASON."""
    exceptions = {}
    for line in tables.read(path).splitlines():
        if line and not line.startswith("#"):
            key, _, reason = line.partition(": ")
            if not reason.strip() or key in exceptions:
                raise ValueError("%s: '%s' has no reason, or is there twice" % (path, key))
            exceptions[key] = reason
    return exceptions


def compare(sdk, entries, exceptions):
    """What is wrong: texts of entries that the SDK does not have so, and of exceptions that nobody needs."""
    wrong, needed = [], set()
    for entry in entries:
        fault = entry.fault(sdk)
        if fault and entry.key in exceptions:
            needed.add(entry.key)
        elif fault:
            wrong.append("%s: %s" % (entry.key, fault))
    return wrong + ["exception '%s' is not needed" % key for key in exceptions if key not in needed]


def compare_mutants(sdk, entries, exceptions):
    """How many wrong entries there are to be found, and which of them are not."""
    count, missed = 0, []
    for entry in entries:
        if entry.key in exceptions:
            continue
        for mutant in entry.mutants():
            count += 1
            if not mutant.fault(sdk):
                missed.append("%s is taken for right" % (mutant,))
    return count, missed


def main():
    library, exceptions_path, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(library, "rb") as file:
        sdk = nsmd.Metadata(file.read())
    exceptions = read_exceptions(exceptions_path)
    entries = [entry for path in paths for entry in read_table(path)]
    kinds = [entry.key.split()[0] for entry in entries]
    wrong = compare(sdk, entries, exceptions)
    wrong += ["only %d entries of kind %s" % (kinds.count(kind), kind) for kind, least in LEAST.items() if kinds.count(kind) < least]

    # The proof that it can fail: every entry changed in each of its parts, and an exception too many.
    count, missed = compare_mutants(sdk, entries, exceptions)
    stale = compare(sdk, entries, {**exceptions, "class NSObject": "not needed"})
    if not any("class NSObject" in text for text in stale):
        missed.append("an exception that nobody needs is not found")

    for text in wrong + missed:
        print("sdk:", text)
    print("sdk: %s; %d exceptions; %d wrong entries, %d of them missed" % (
        ", ".join("%d of kind %s" % (kinds.count(kind), kind) for kind in LEAST), len(exceptions), count, len(missed)))
    sys.exit(bool(wrong or missed))


if __name__ == "__main__":
    main()
