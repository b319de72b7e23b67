"""How fast something flows."""

_BUCKETS = 10  # of a second: fine enough to see a layer begin, cheap enough for every packet
_BUCKET_S = 0.1


class RateMeter:
    """Bits a second over the last second, in ten steps."""

    __slots__ = ("_buckets", "_edge", "_sum")

    def __init__(self) -> None:
        self._buckets = [0] * _BUCKETS
        self._sum = 0
        self._edge = 0  # number of the 100 ms step that is being filled

    def add(self, octets: int, now: float) -> None:
        step = int(now / _BUCKET_S)
        if step != self._edge:
            self._roll(step)
        self._buckets[step % _BUCKETS] += octets
        self._sum += octets

    def bps(self, now: float) -> int:
        """Return the rate; a stream that stopped fades out within a second."""
        step = int(now / _BUCKET_S)
        if step != self._edge:
            self._roll(step)
        return self._sum * 8

    def _roll(self, step: int) -> None:
        buckets = self._buckets
        if step - self._edge >= _BUCKETS or step < self._edge:
            self._buckets = [0] * _BUCKETS
            self._sum = 0
        else:
            for old in range(self._edge + 1, step + 1):
                at = old % _BUCKETS
                self._sum -= buckets[at]
                buckets[at] = 0
        self._edge = step
