"""A client that calls as fast as it can and heeds nothing: `noisy.py PORT CONNECTIONS SECONDS`.

The body of its calls comes from the standard input.
"""

import asyncio
import json
import sys
import time
from collections import Counter

ADDRESS = "127.0.0.2"  # in a sandbox, who calls is told by the address
HEAD = (
    b"POST /cds-services/net-patient-view HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)


async def one(port, until, call, statuses):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(ADDRESS, 0))
    while time.monotonic() < until:
        writer.write(call)
        head = await reader.readuntil(b"\r\n\r\n")
        statuses[int(head[9:12])] += 1
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


async def all_of_them(port, connections, seconds, body):
    statuses, until = Counter(), time.monotonic() + seconds
    call = HEAD % len(body) + body
    await asyncio.gather(*(one(port, until, call, statuses) for _ in range(connections)))
    return statuses


if __name__ == "__main__":
    port, connections, seconds = sys.argv[1:]
    body = sys.stdin.buffer.read()
    print(json.dumps(asyncio.run(all_of_them(int(port), int(connections), float(seconds), body))))
