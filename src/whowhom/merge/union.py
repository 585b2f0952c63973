"""Sets that grow together (Tarjan 1975)."""

from __future__ import annotations


class Union:
    """Numbers 0 to ``count``-1 in sets; the root of a set is its smallest number."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def find(self, item: int) -> int:
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def join(self, left: int, right: int) -> None:
        left, right = self.find(left), self.find(right)
        if left < right:
            self._parent[right] = left
        elif right < left:
            self._parent[left] = right
