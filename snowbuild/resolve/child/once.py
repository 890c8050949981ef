"""A memo for many threads."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Key = TypeVar("Key", bound="Hashable")
Value = TypeVar("Value")


class Once(Generic[Key, Value]):
    """Makes the value of each key once; other callers wait for it. A failure is not remembered."""

    def __init__(self, make: Callable[[Key], Value]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._futures: dict[Key, Future[Value]] = {}

    def __call__(self, key: Key) -> Value:
        with self._lock:
            future = self._futures.get(key)
            mine = future is None
            if future is None:
                future = self._futures[key] = Future()
        if mine:
            try:
                future.set_result(self._make(key))
            except BaseException as exc:  # noqa: BLE001  # Every caller gets it.
                with self._lock:
                    del self._futures[key]
                future.set_exception(exc)
        return future.result()

    def known(self, key: Key) -> Value | None:
        """The value, if it has been made already."""
        with self._lock:
            future = self._futures.get(key)
        done = future is not None and future.done() and future.exception() is None
        return future.result() if future is not None and done else None
