"""A visitor without a window: speaks to the server as a browser does, clicks, and waits for the answer.

Streamlit's browser sends one protobuf message for each thing that a person does, with the state of every widget in it;
the server answers with the elements that it draws, and says when the script has finished.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATIENCE_S = 120
# it stands at the server's root
FIRST_PAGE = "overview"


class VisitError(Exception):
    """What no visitor may ever meet: the connection ended, the answer did not come, or the page shows an exception."""


@dataclass
class Visitor:
    """One browser tab; use it as a context manager.

    Attributes
    ----------
    page : str
        Name of the page that is open.
    query : dict of str to str
        What the address says behind the question mark; of several values under one name, the last.
    elements : dict of place to element
        What is drawn.
    n_bytes : int
        Received so far.
    """

    url: str
    page: str = ""
    query: dict[str, str] = field(default_factory=dict)
    elements: dict[tuple[int, ...], tuple[Element, str]] = field(default_factory=dict)
    n_bytes: int = 0

    def __enter__(self) -> Visitor:
        address = self.url.replace("http://", "ws://", 1) + "/_stcore/stream"
        self._leaving = ExitStack()
        connection = connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE_S)
        self._socket = self._leaving.enter_context(connection)
        self._states: dict[str, WidgetState] = {}
        self._script, self._pages = "", dict[str, str]()
        # large elements come once, then only their hashes: a browser keeps them too
        self._kept: dict[str, tuple[Element, str]] = {}
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.close()

    def open(self, page: str, **query: str) -> float:
        """Go to a page; returns the seconds until its script has finished."""
        # a click in the navigation names the page by its hash; an address, by which all begins, by its path
        self.page, self.query, self._script = page, query, self._pages.get(page, "")
        self._states.clear()
        return self._rerun()

    def choose(self, key: str, option: int | str) -> float:
        """Choose in a list, by the option's number or by how it is shown."""
        box = self.element(key, "selectbox").selectbox
        chosen = box.options[option % len(box.options)] if isinstance(option, int) else option
        return self._set(WidgetState(id=box.id, string_value=chosen))

    def type(self, key: str, text: str) -> float:
        """Type into a field."""
        return self._set(WidgetState(id=self.element(key, "text_input").text_input.id, string_value=text))

    def turn_to(self, widget: str, number: int) -> float:
        """Turn to a page of a table; `widget` is the pager's whole id."""
        return self._set(WidgetState(id=widget, int_value=number))

    def press(self, key: str) -> float:
        """Press a button."""
        return self._trigger(WidgetState(id=self.element(key, "button").button.id, trigger_value=True))

    def tell(self, key: str, event: dict[str, Any]) -> float:
        """Let a component of the page say what was done in it."""
        base = self.element(key, "bidi_component").bidi_component.id
        said = json.dumps([{"event": "event", "value": event}])
        return self._trigger(WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{base}__events", json_trigger_value=said))

    def element(self, key: str, kind: str) -> Element:
        """A drawn element by its key."""
        for element in self.drawn(kind):
            if key_of(getattr(element, kind).id) == key:
                return element
        raise VisitError(f"{self.page} shows no {kind} '{key}'")

    def drawn(self, kind: str) -> Iterator[Element]:
        """The drawn elements of one kind."""
        return (element for element, _ in self.elements.values() if element.WhichOneof("type") == kind)

    def has(self, key: str, kind: str) -> bool:
        """Whether an element of this key is drawn."""
        return any(key_of(getattr(element, kind).id) == key for element in self.drawn(kind))

    def options(self, key: str) -> list[str]:
        """What a list offers."""
        return list(self.element(key, "selectbox").selectbox.options)

    def _set(self, state: WidgetState) -> float:
        self._states[state.id] = state
        return self._rerun(changed=state.id)

    def _trigger(self, state: WidgetState) -> float:
        """A button is pressed once: it is up again when something else is done."""
        self._states[state.id] = state
        try:
            return self._rerun(changed=state.id)
        finally:
            self._states.pop(state.id, None)

    def _rerun(self, changed: str = "") -> float:
        message = BackMsg()
        client = message.rerun_script
        client.query_string = urlencode(self.query)
        path = "" if self.page == FIRST_PAGE else self.page
        client.page_name, client.page_script_hash = "" if self._script else path, self._script
        client.fragment_id = self._fragment_of(changed)
        client.widget_states.widgets.extend(self._states.values())
        client.cached_message_hashes.extend(self._kept)
        client.context_info.url = f"{self.url}/{path}"
        client.context_info.timezone = "UTC"
        started = time.perf_counter()
        try:
            self._socket.send(message.SerializeToString())
            self._listen(started + PATIENCE_S)
        except (ConnectionClosed, TimeoutError) as error:
            raise VisitError(f"{self.page}: no answer ({error!r})") from error
        took = time.perf_counter() - started
        shown = [element.exception for element in self.drawn("exception")]
        if shown:
            raise VisitError(f"{self.page} shows {shown[0].type}: {shown[0].message}")
        return took

    def _listen(self, deadline: float) -> None:
        """Take in what is drawn until the script has finished, and every rerun that it asked for itself."""
        while True:
            received = self._socket.recv(timeout=max(deadline - time.perf_counter(), 0.01))
            self.n_bytes += len(received)
            message = ForwardMsg.FromString(received)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._begin(message)
            elif kind == "page_info_changed":
                self.query = dict(parse_qsl(message.page_info_changed.query_string))
            elif kind == "navigation":
                self._script = message.navigation.page_script_hash
                pages = message.navigation.app_pages
                self._pages = {each.url_pathname or FIRST_PAGE: each.page_script_hash for each in pages}
            elif kind in ("delta", "ref_hash"):
                self._draw(message)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return

    def _begin(self, message: ForwardMsg) -> None:
        """A run draws anew what it is about: the whole page, or its fragments."""
        fragments = set(message.metadata.run.fragment_ids)
        self.elements = {place: kept for place, kept in self.elements.items() if fragments and kept[1] not in fragments}

    def _draw(self, message: ForwardMsg) -> None:
        place = tuple(message.metadata.delta_path)
        if message.WhichOneof("type") == "ref_hash":
            self.elements[place] = self._kept[message.ref_hash]
        elif message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            self.elements[place] = element, message.delta.fragment_id
            if message.metadata.cacheable:
                self._kept[message.hash] = self.elements[place]
            self._obey(element)

    def _obey(self, element: Element) -> None:
        """Take over what the script says a widget holds."""
        kind = element.WhichOneof("type")
        if kind in ("selectbox", "text_input") and getattr(element, kind).set_value:
            told = getattr(element, kind)
            said = told.raw_value if kind == "selectbox" else told.value
            self._states[told.id] = WidgetState(id=told.id, string_value=said)

    def _fragment_of(self, widget: str) -> str:
        for element, fragment in self.elements.values():
            kind = element.WhichOneof("type")
            if kind is not None and getattr(getattr(element, kind), "id", None) == widget:
                return fragment
        return ""


def key_of(widget: str) -> str:
    """The key that a page gave to a widget: the end of its id."""
    return widget.split("-", 2)[-1]
