"""What a server needs of the system before it can listen: a port, and enough descriptors."""

import resource
import socket

from seq2seq.errors import ConfigError, shorten

MOST = 65_536  # descriptors that are asked for where the system has no limit of its own


def raise_descriptors() -> int:
    """Let this process open as many files as the system allows; how many these are now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def free_port(host: str, text: str) -> int:
    """The port called `text`. ConfigError if it is no port, or cannot be used on `host`."""
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
