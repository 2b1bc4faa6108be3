"""An agent's browser without a screen: opens an order form, completes what is missing, and submits it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S = 30.0
FIELD = "field-"


class FormPage(HTMLParser):
    """What stands in a form.

    Args:
        text: The page.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        """By name; of the order's fields with the prefix `field-`."""
        self.missing: list[str] = []
        """Names of fields that must be filled and are empty."""
        self.submitted: str | None = None
        """The number of the order, where the page says that it was submitted."""
        self._text_of: str | None = None
        self._must: set[str] = set()
        self._select: str | None = None
        self.feed(text)
        self.missing = [name for name in self._must if not self.values.get(name, "").strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Reads an element."""
        said = {name: value or "" for name, value in attrs}
        name = said.get("name")
        if said.get("id") == "saved":
            self.submitted = said["data-regino"]
        if tag in {"input", "textarea", "select"} and name:
            self.values[name] = said.get("value", "")
            self._text_of = name if tag == "textarea" else None
            self._select = name if tag == "select" else None
            if said.get("aria-required") == "true":
                self._must.add(name)
        elif tag == "option" and self._select and "selected" in said:
            self.values[self._select] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Ends one."""
        if tag == "textarea" and self._text_of:
            self.values[self._text_of] = self.values[self._text_of].removeprefix("\n")
            self._text_of = None

    def handle_data(self, data: str) -> None:
        """Reads the text of a field of several lines."""
        if self._text_of:
            self.values[self._text_of] += data


def open_form(address: str) -> FormPage:
    """The form at an address. Raises OSError where it does not open."""
    with build_opener(ProxyHandler({})).open(address, timeout=_TIMEOUT_S) as answer:
        return FormPage(answer.read().decode())


def submit_form(address: str, form: FormPage, completed: Mapping[str, str]) -> FormPage:
    """Submit a form.

    Args:
        address: Where it was opened.
        form: As it was opened.
        completed: What the agent fills in, by wire name.

    Returns:
        What comes back: `submitted` is the order's number, or the form with what is wrong.
    """
    values = {**form.values, **{f"{FIELD}{name}": value for name, value in completed.items()}}
    request = Request(urljoin(address, "../form"), urlencode(values).encode(), method="POST")  # noqa: S310  (the gateway)
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_TIMEOUT_S) as answer:
            return FormPage(answer.read().decode())
    except HTTPError as refused:
        with refused:
            return FormPage(refused.read().decode())
