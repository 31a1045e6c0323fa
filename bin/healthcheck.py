"""Ask the web process of this container whether it lives: exit code 0 or 1 (standard library only)."""

import json
import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0] or urlsplit(os.environ.get("SITE_URL", "")).hostname
connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
try:
    connection.request("GET", "/healthz", headers={"Host": host or "localhost"})
    response = connection.getresponse()
    told = json.loads(response.read())
except (OSError, ValueError) as error:
    sys.exit(f"no answer: {error}")
print(json.dumps(told))
sys.exit(0 if response.status == 200 else 1)
