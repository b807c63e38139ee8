"""The visitor's network address, by which limits count runs and requests."""

import ipaddress
from typing import Any

from seq2seq.ui.gradio_internals import current_request


def visitor_address(proxies: int) -> str:
    """The address of the request that is being handled; "" outside of a request."""
    return address_of(current_request(), proxies)


def address_of(request: Any, proxies: int) -> str:
    """The address that a request comes from, or the /64 network of an IPv6 address.

    `proxies` is the number of trusted proxies in front of this server. Each of them appends the
    address of its own client to X-Forwarded-For, so the visitor's is the `proxies`-th from the
    right. Anything further to the left was sent by the visitor and may be false.
    """
    found = getattr(getattr(request, "client", None), "host", None) or ""
    if proxies and request is not None:
        chain = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",")]
        if len(chain) >= proxies and chain[-proxies]:
            found = chain[-proxies]
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return str(found)[:64]
    if address.version == 6:  # one customer usually gets a whole /64
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
