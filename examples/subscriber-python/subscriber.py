"""Hears Rekey's events and prints each as a line of JSON: its CloudEvents attributes and, as `data`, the decoded message.

Copy it, and do something better than printing.
"""

import argparse
import asyncio
import json
import signal
import ssl
import sys
import tempfile
from pathlib import Path

import nats
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError
from grpc_tools import protoc
from nats.errors import Error

STREAM = "REKEY"
EVENTS = "rekey.v1.>"


def arguments():
    parser = argparse.ArgumentParser(description="Prints Rekey's events as lines of JSON.")
    parser.add_argument("--server", default="tls://localhost:4222", help="the NATS server")
    parser.add_argument("--keys", type=Path, default=Path("keys/subscriber"),
                        help="the folder with nats.nk and ca.crt that `rekey keys init` made; its name is the name of the durable consumer")
    parser.add_argument("--proto", type=Path, default=Path(__file__).parents[2] / "proto", help="the folder with Rekey's .proto files")
    parser.add_argument("--once", type=int, metavar="N", default=sys.maxsize, help="end after this many events")
    return parser.parse_args()


def compile_messages(proto):
    """The messages of the shipped .proto, by their full names."""
    with tempfile.NamedTemporaryFile() as compiled:
        command = ["protoc", f"-I{proto}", "--include_imports", f"--descriptor_set_out={compiled.name}", "rekey/events/v1/events.proto"]
        if protoc.main(command) != 0:
            sys.exit(f"{proto} holds no .proto files of Rekey")
        files = descriptor_pb2.FileDescriptorSet.FromString(compiled.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


async def connect(server, keys):
    async def trouble(error):  # What the server does not allow is told here and nowhere else.
        print(error, file=sys.stderr)

    return await nats.connect(
        server,
        tls=ssl.create_default_context(cafile=keys / "ca.crt"),
        nkeys_seed=str(keys / "nats.nk"),
        inbox_prefix=f"_INBOX_{keys.name}".encode(),  # The one inbox that this user may read.
        max_reconnect_attempts=-1,
        error_cb=trouble,
    )


def read(message, pool):
    """The event as CloudEvents writes it in JSON. The kind of its message stands in `ce-type`."""
    headers = message.headers or {}
    event = {name.removeprefix("ce-"): value for name, value in headers.items() if name.startswith("ce-") or name == "traceparent"}
    kind = pool.FindMessageTypeByName(event["type"])
    data = message_factory.GetMessageClass(kind).FromString(message.data)
    event["data"] = json_format.MessageToDict(data, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    return event["id"], event


class Subscriber:
    def __init__(self, connection, name, pool, once):
        self.jetstream, self.name, self.pool, self.left, self.seen = connection.jetstream(), name, pool, once, set()

    async def run(self):
        """Whatever goes wrong (the server restarts, its store is wiped): begin anew. What was not acknowledged comes again."""
        while self.left > 0:
            try:
                await self.session()
            except (Error, asyncio.TimeoutError) as error:
                print(f"no events for the moment: {error!r}", file=sys.stderr)
                await asyncio.sleep(1)

    async def session(self):
        # Finds the durable consumer, or makes it. The server remembers for it what was acknowledged.
        consumer = await self.jetstream.pull_subscribe(EVENTS, durable=self.name, stream=STREAM)
        try:
            while self.left > 0:
                await self.batch(consumer)
        finally:
            await consumer.unsubscribe()

    async def batch(self, consumer):
        try:
            messages = await consumer.fetch(min(self.left, 16), timeout=5)
        except asyncio.TimeoutError:
            # Nothing happened, or nobody answers: the second is an error.
            await consumer.consumer_info()
            return
        for message in messages:
            await self.take(message)

    async def take(self, message):
        """Handles an event, then acknowledges it: in this order nothing is lost, but an event may come twice."""
        try:
            identifier, event = read(message, self.pool)
        except (KeyError, DecodeError) as error:
            print(f"{message.subject}: no event of Rekey's, or this program is too old for it: {error}", file=sys.stderr)
            await message.term()
            return
        self.handle(identifier, event)
        await message.ack_sync()

    def handle(self, identifier, event):
        """An event that was published again has the same id. A program with a database keeps the ids there, in the transaction
        in which it does what the event asks for."""
        if identifier in self.seen:
            return
        self.seen.add(identifier)
        print(json.dumps(event), flush=True)
        self.left -= 1


async def main():
    wanted = arguments()
    pool = compile_messages(wanted.proto)
    connection = await connect(wanted.server, wanted.keys)
    subscriber = Subscriber(connection, wanted.keys.name, pool, wanted.once)
    running = asyncio.ensure_future(subscriber.run())

    def stop():
        subscriber.left = 0  # A cancellation alone is lost when what it interrupts ends at the same moment.
        running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await running
    except asyncio.CancelledError:
        pass
    finally:
        await connection.close()


asyncio.run(main())
