"""Takes mail on 127.0.0.1:<port> and keeps each as <folder>/<n>.eml."""

import asyncio
import os
import sys
import uuid

from aiosmtpd.smtp import SMTP

port, folder = int(sys.argv[1]), sys.argv[2]


class Keep:
    async def handle_DATA(self, server, session, envelope):
        name = os.path.join(folder, uuid.uuid4().hex)
        with open(name + ".part", "wb") as file:
            file.write(envelope.original_content)
        os.rename(name + ".part", name + ".eml")
        return "250 2.0.0 kept"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Keep(), hostname="localhost", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main())
