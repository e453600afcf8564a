"""scim2-tester against a running server: each check on a line, the sums as JSON on the last.

    run_scim2_tester.py BASE USER PASSWORD

The tester writes every attribute that the server describes, and every extension as a whole, and wants to read back what it wrote. What
our own two extensions take are orders (lock this account, force a reset by these methods), not data: the tester hears of them as
read-only and of the trigger not at all, and is not asked to write them as a whole. All else it hears as the server publishes it. The
orders have tests of their own.
"""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Mutability, Path, ResourceType, Schema, ScimProvider, ServiceProviderConfig
from scim2_tester import Status, check_server

ORDERS = ("urn:scim:wso2:schema", "urn:rekey:params:scim:schemas:extension:reset:1.0:User")
TRIGGER = "forcePasswordReset"
PASSED = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)


def leave_orders_out():
    every_path = Path.iter_paths.__func__
    Path.iter_paths = classmethod(lambda model, **kinds: (path for path in every_path(model, **kinds) if str(path) not in ORDERS))


def described(client):
    """What the server publishes, orders left out."""
    schemas = client.query(Schema).resources
    for schema in schemas:
        schema.attributes = [attribute for attribute in schema.attributes if attribute.name != TRIGGER]
        for attribute in schema.attributes if schema.id in ORDERS else ():
            attribute.mutability = Mutability.read_only
    return ScimProvider.from_discovery(schemas, client.query(ResourceType).resources, client.query(ServiceProviderConfig))


def checked(base, user, password):
    # The certificate is the one that the server made for itself at its start.
    client = SyncSCIMClient(Client(base_url=base, auth=(user, password), verify=False, timeout=60))
    client.provider = described(client)
    return [(result.status, f"{result.resource_type or 'discovery'}: {result.title} - {result.reason}") for result in check_server(client)]


def main():
    leave_orders_out()
    results = checked(*sys.argv[1:])
    for status, check in results:
        print(status.name, check)
    failed = [check for status, check in results if status not in (*PASSED, Status.SKIPPED)]
    skipped = [check for status, check in results if status == Status.SKIPPED]
    print(json.dumps({"passed": sum(status in PASSED for status, _ in results), "failed": failed, "skipped": skipped}))
    sys.exit(1 if failed else 0)


main()
