"""Checks the port and raises the limit of open files before the server starts."""

import resource
import socket

from seq2seq.errors import ConfigError, shorten

MOST = 65_536  # descriptors to request if the system has no limit


def raise_descriptors() -> int:
    """Raise the limit of open files as far as the system allows; returns the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def free_port(host: str, text: str) -> int:
    """The port number in `text`. ConfigError if it is invalid or cannot be used on `host`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65_535):
        raise ConfigError("GRADIO_SERVER_PORT is “{port}”: it must be a whole number from 1 to "
                          "65535.", port=shorten(text))
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((host.strip("[]"), int(text)))
            found.listen()  # without it, two could bind one port
    except OSError as problem:
        raise ConfigError(
            "Port {port} of {host} cannot be used ({why}). Stop the program that uses it, or set "
            "GRADIO_SERVER_PORT to another port.", port=text, host=shorten(host),
            why=problem.strerror) from None
    return int(text)
