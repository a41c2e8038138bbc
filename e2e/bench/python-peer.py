# Does libvirt's work on request in one warm interpreter: a JSON line in, a JSON line with the milliseconds it took out.
import json
import sys
import time

import libvirt


def first_answer(connection):
    connection.getHostname()


def inventory(connection):
    for guest in connection.listAllDomains():
        guest.name()
        guest.state()


def statistics(connection):
    connection.getAllDomainStats()


def documents(connection):
    for guest in connection.listAllDomains():
        guest.XMLDesc()


works = {"firstAnswer": first_answer, "inventory": inventory, "statistics": statistics, "documents": documents}
held = {}


def hold(uri):
    if uri not in held:
        held[uri] = libvirt.open(uri)
    return held[uri]


def milliseconds(work):
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def from_nothing(uri, work):
    opened = []

    def whole():
        opened.append(libvirt.open(uri))
        work(opened[0])

    took = milliseconds(whole)
    opened[0].close()
    return took


def answer(ask):
    uri = ask["uri"]
    if ask["work"] == "calls":
        connection = hold(uri)
        return [milliseconds(connection.getLibVersion) for _ in range(ask["count"])]
    work = works[ask["work"]]
    if ask["held"]:
        connection = hold(uri)
        return [milliseconds(lambda: work(connection))]
    return [from_nothing(uri, work)]


libvirt.registerErrorHandler(lambda _context, _error: None, None)
print(json.dumps({"took": []}), flush=True)
for line in sys.stdin:
    try:
        reply = {"took": answer(json.loads(line))}
    except libvirt.libvirtError as error:
        reply = {"error": str(error)}
    print(json.dumps(reply), flush=True)
