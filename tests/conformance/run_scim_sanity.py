"""scim-sanity against a running server: each check on a line, the sums as JSON on the last.

    run_scim_sanity.py BASE USER PASSWORD
"""

import json
import sys

from scim_sanity.probe.runner import run_probe_api


def main():
    base, user, password = sys.argv[1:]
    # The certificate is the one that the server made for itself at its start.
    report = run_probe_api(base, username=user, password=password, tls_no_verify=True, strict=True)
    results = [(result["status"], f"{result['name']} - {result.get('message', '')}") for result in report["results"]]
    for status, check in results:
        print(status, check)
    passed = sum(status == "pass" for status, _ in results)
    skipped = [check for status, check in results if status == "skip"]
    # A warning counts as a failure: it is what the tester would rather not see.
    failed = [check for status, check in results if status not in ("pass", "skip")]
    print(json.dumps({"passed": passed, "failed": failed, "skipped": skipped}))
    sys.exit(1 if failed else 0)


main()
