"""From which network a visitor comes, as far as it can be known: a limit counts runs by it."""

import ipaddress
from typing import Any

from gradio.context import LocalContext


def visitor_address(proxies: int) -> str:
    """The network address of whoever asks for what is being answered right now.

    "" where nobody does (in a program of one's own).
    """
    return address_of(LocalContext.request.get(None), proxies)


def address_of(request: Any, proxies: int) -> str:
    """The address in a request; with `proxies` in front of this server, as the outermost saw it.

    Each proxy adds at the right end of X-Forwarded-For whom it was called by. What stands further
    to the left was sent by the visitor, and could be anything.
    """
    found = getattr(getattr(request, "client", None), "host", None) or ""
    if proxies and request is not None:
        told = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",")]
        if len(told) >= proxies and told[-proxies]:
            found = told[-proxies]
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return str(found)[:64]
    if address.version == 6:  # one visitor has a whole /64
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
