"""Where people reach this server, for commands that print a link."""

from django.conf import settings
from django.core.management.base import CommandParser


def add_address(parser: CommandParser) -> None:
    parser.add_argument("--address", help="where people reach this server; https:// and the first allowed host")


def own_address(given: str | None) -> str:
    """The address without a slash at its end."""
    host = next((host for host in settings.ALLOWED_HOSTS if "*" not in host), "localhost").lstrip(".")
    return (given or f"https://{host}").rstrip("/")
