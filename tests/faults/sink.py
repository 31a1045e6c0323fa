"""A mail server for the tests that accepts, refuses, dawdles or hangs up, and keeps a list of what it accepted.

As a process: ``python -m tests.faults.sink PORT FOLDER``. What it does is read from FOLDER/mode at each letter ("ok",
"451", "550", "slow", "drop"); each accepted letter is one JSON line in FOLDER/accepted.
"""

import asyncio
import json
import os
import sys
import time
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.smtp import SMTP

SLOW = 0.5


class Handler:
    """Follows FOLDER/mode; writes down what was accepted before it says so."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.accepted = folder / "accepted"
        self.accepted.touch()

    @property
    def mode(self) -> str:
        try:
            return (self.folder / "mode").read_text().strip() or "ok"
        except FileNotFoundError:
            return "ok"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        mode = self.mode
        if mode in {"451", "550"}:
            return f"{mode} not here"
        if mode == "slow":
            await asyncio.sleep(SLOW)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mode = self.mode
        if mode in {"data451", "data550"}:
            return f"{mode[4:]} not this"
        if mode == "slow":
            await asyncio.sleep(SLOW)
        letter = message_from_bytes(envelope.original_content or envelope.content)
        line = {
            "at": time.time(),
            "id": letter["Message-ID"],
            "to": envelope.rcpt_tos[0],
            "subject": letter["Subject"],
            "text": envelope.content.decode(errors="replace") if mode == "ok+text" else "",
        }
        with self.accepted.open("a") as log:
            log.write(json.dumps(line) + "\n")
        if mode == "drop":  # accepted, and the line breaks before the answer
            server.transport.abort()
        return "250 OK"


async def serve(port: int, folder: Path) -> asyncio.Server:
    handler = Handler(folder)
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(handler, hostname="sink.invalid", decode_data=False, loop=loop), "127.0.0.1", port
    )


async def main(port: int, folder: Path) -> None:
    server = await serve(port, folder)
    (folder / "pid").write_text(str(os.getpid()))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
