"""Three protocols, one gate in front: pages, sockets, and the server's start and stop."""

import os
from typing import cast

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
pages = get_asgi_application()

from dashboard.lifespan import Lifespan  # noqa: E402  needs the app registry
from dashboard.routing import sockets  # noqa: E402
from dashboard.security.gate import Application, Gate  # noqa: E402
from dashboard.static_files import StaticFiles  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": Gate(StaticFiles(cast(Application, pages))),
        "websocket": Gate(sockets),
        "lifespan": Lifespan(),
    }
)
