"""
From wishes to flows: what each subscriber's lanes should show, and bringing them there.

Sound starts at the next packet; a picture starts at a key frame, cached or asked for; a climb or a fall
between layers keeps showing the old one until the new one's key frame is there.
"""

from collections.abc import Iterable, Mapping

from signaling.core.forwarding import ALL_TEMPORAL, Flow, attach, detach
from signaling.core.layers import (
    LOW_WISH,
    OTHER,
    OVERSEND,
    SCREEN,
    SPEAKER,
    TRUST,
    Candidate,
    Step,
    allocate,
    enough,
)
from signaling.core.model import CodecName, Mode, PeerId, TrackId, Wish
from signaling.core.source import TEMPORAL_LAYERS, Layer, Source
from signaling.core.subscriber import Lane, Subscriber

ALLOCATE_S = 0.5  # between two looks at who gets which layer: as often as estimates move
SCREEN_WISH = 1080  # A screen that nobody said anything about is there to be read.
HEADROOM = 0.95  # of the budget may be allocated: rates are measured, not promised
# What a layer will cost that has just begun, by its assumed place (our client's encodings).
NOMINAL_BPS = (160_000, 450_000, 1_700_000)
# Of a screen: text that stands still costs little after its key frame, and is to be read at once. The upper
# one is what an untried line (START_BPS) has room for.
NOMINAL_SCREEN_BPS = (160_000, 160_000, 450_000)
YOUNG_S = 2.0  # Until then a rate says nothing yet.
CLIMB_MARGIN = 1.1  # Key frames and a lively scene need that much more than the last second did.
SOUND_OVERHEAD = 1.4  # Speech packets are small: UDP, IP and SRTP add two fifths to them.
STEEP_FALL = 1.3  # times the budget: a queue of 250 ms is full after a second
LOWER_AFTER_S = 5.0  # LiveKit's delay before a publisher is told to switch a layer off


def aim(lane: Lane, layer: Layer | None, limit: int = ALL_TEMPORAL) -> None:
    """Bring `lane` to `layer` as soon as possible; None: stop."""
    if layer is None:
        lane.stop_waiting()
        lane.afresh = False
        detach(lane)
        return
    flow = lane.flow
    if flow is not None and flow.layer is layer:
        lane.stop_waiting()
        if flow.limit != limit:
            _relimit(lane, flow, limit)
        return
    lane.limit = limit
    if lane.waiting is layer:
        return
    lane.stop_waiting()
    # Somebody else's picture must not stay in the new one's slot; only the stage is nobody's.
    stays = lane.seamless and not layer.ring.since_key()
    if flow is not None and flow.layer.source is not layer.source and not stays:
        detach(lane)
    lane.refused = False
    lane.waiting = layer
    layer.waiting.append(lane)


def _relimit(lane: Lane, flow: Flow, limit: int) -> None:
    """Take another set of temporal layers; a climb is taken at the next picture that allows it."""
    lane.limit = limit
    if len(flow.lanes) == 1:
        flow.limit = limit
        flow.temporal = min(flow.temporal, limit)
        return
    other = Flow(flow.layer, flow.rewriter.fork(), flow.ssrc, limit)
    other.temporal = min(flow.temporal, limit)
    other.stretch = flow.stretch
    other.sent_at = flow.sent_at
    flow.layer.flows.append(other)
    attach(lane, other)


def hears(mode: Mode) -> bool:
    return mode != "text"


def sees(mode: Mode, source: Source) -> bool:
    return mode == "everything" or (mode == "slides" and source.kind == "screen")


def wished_height(source: Source, wishes: Mapping[TrackId, Wish]) -> int:
    """Return the wished height of a source in pixels; 0: not visible."""
    wish = wishes.get(source.track) if source.track is not None else None
    if wish is None:
        return SCREEN_WISH if source.kind == "screen" else LOW_WISH
    return max(wish.height, 1) if wish.visible else 0


def aim_audio(subscriber: Subscriber, mode: Mode) -> None:
    """Sound needs no allocation: on, or off."""
    for audio, _ in subscriber.lanes:
        source = audio.source
        wanted = source is not None and source.track is not None and hears(mode)
        aim(audio, source.layers[0] if wanted and source is not None and source.layers else None)


def aim_video(
    subscriber: Subscriber,
    mode: Mode,
    wishes: Mapping[TrackId, Wish],
    dominant: PeerId | None,
    menu: "Menu",
) -> int:
    """Allocate layers to the lanes of one subscriber; return the bits a second that they would like."""
    candidates: list[Candidate] = []
    sound_bps = 0
    for number, (audio, lane) in enumerate(subscriber.lanes):
        if audio.flow is not None:
            sound_bps += int(menu.bps(audio.flow.layer) * SOUND_OVERHEAD)
        source = lane.source
        height = wished_height(source, wishes) if source is not None else 0
        if source is None or not source.sending or not height or not sees(mode, source):
            lane.wanted = lane.liked = None
            aim(lane, None)
            continue
        steps = menu.steps(source, height, subscriber.codecs)
        lane.liked = steps[-1].layer if steps else None
        if steps:
            candidates.append(Candidate(number, _priority(source, dominant), steps))
    liked = sound_bps + sum(int(candidate.steps[-1].bps * CLIMB_MARGIN) for candidate in candidates)
    budget = int(subscriber.bandwidth.budget * HEADROOM) - sound_bps
    line = subscriber.bandwidth
    tried = line.tried
    candidates = [_hesitant(subscriber.lanes[each.key][1], each, tried) for each in candidates]
    chosen = allocate(budget, candidates, OVERSEND if tried else TRUST)
    trusting = not tried and sum(step.bps for step in chosen.values() if step is not None) > budget
    wanted_bps = int(liked / HEADROOM) + 1
    line.reach = wanted_bps if trusting else 0
    for number, step in chosen.items():
        lane = subscriber.lanes[number][1]
        source = lane.source
        lane.wanted = step.layer if step is not None else None
        if step is None or source is None:
            aim(lane, None)
        else:
            limit = ALL_TEMPORAL if step.temporal == TEMPORAL_LAYERS - 1 else step.temporal
            _let_go(lane, step, budget, menu)
            aim(lane, source.layers[step.layer], limit)
    return wanted_bps


def _let_go(lane: Lane, step: Step, budget: int, menu: "Menu") -> None:
    """
    Stop a layer that is far beyond the line at once, instead of when the key frame of a lower one is there.

    Most of it would be lost, and sound with it. A key frame of now is shorter than all since the last one.
    """
    flow = lane.flow
    if flow is None or flow.layer.source is not lane.source or step.layer >= flow.layer.index:
        return
    if menu.bps(flow.layer) > STEEP_FALL * budget:
        detach(lane)
        lane.afresh = True


def _hesitant(lane: Lane, candidate: Candidate, tried: bool) -> Candidate:
    """
    Make what is not shown yet dearer, so that a rate near a limit does not flap between two layers.

    A camera begins with its lowest layer, and keeps to it until the line was tried: the smallest key frame is
    the first picture, and what begins with a queue stutters for seconds.
    """
    steps = candidate.steps
    if lane.flow is None or not tried:
        if candidate.priority != SCREEN:
            steps = tuple(step for step in steps if step.layer == steps[0].layer)
    else:
        shown = lane.flow.layer.index
        steps = tuple(
            Step(step.layer, step.temporal, int(step.bps * CLIMB_MARGIN)) if step.layer > shown else step
            for step in steps
        )
    return Candidate(candidate.key, candidate.priority, steps)


def _priority(source: Source, dominant: PeerId | None) -> int:
    if source.kind == "screen":
        return SCREEN
    return SPEAKER if source.peer == dominant else OTHER


class Menu:
    """What there is to choose from at one moment, worked out once for all viewers."""

    __slots__ = ("_bps", "_steps", "at")

    def __init__(self, now: float) -> None:
        self.at = now
        self._steps: dict[tuple[Source, int, frozenset[CodecName]], tuple[Step, ...]] = {}
        self._bps: dict[Layer, int] = {}

    def steps(self, source: Source, height: int, codecs: frozenset[CodecName]) -> tuple[Step, ...]:
        key = (source, height, codecs)
        found = self._steps.get(key)
        if found is None:
            found = self._steps[key] = steps_to(source, height, codecs, self.at)
        return found

    def bps(self, layer: Layer) -> int:
        found = self._bps.get(layer)
        if found is None:
            found = self._bps[layer] = layer.bps(self.at)
        return found


def steps_to(source: Source, height: int, codecs: frozenset[CodecName], now: float) -> tuple[Step, ...]:
    """Return what can be had of a source now, ascending in cost, up to the layer that is high enough."""
    live = [layer for layer in source.live_layers(now) if layer.codec in codecs]
    if not live:
        return ()
    top = enough([layer.height for layer in live], height)
    steps: list[Step] = []
    for layer in live[: top + 1]:
        rates = _cumulative(layer, layer is live[0], now)
        for temporal, bps in rates:
            if temporal == 0 and layer is not live[0] and len(rates) > 1:
                continue  # A few large pictures a second are worse than more small ones.
            if not steps or bps > steps[-1].bps or layer.index > steps[-1].layer:
                steps.append(Step(layer.index, temporal, max(bps, steps[-1].bps if steps else 0)))
    return tuple(steps)


def _cumulative(layer: Layer, lowest: bool, now: float) -> list[tuple[int, int]]:
    """
    Return (highest temporal layer, bits a second) of every choice within one layer.

    A young layer counts as dear as it may become, or was before it was switched off; the lowest as it is, for
    there is nothing below it.
    """
    rates = [meter.bps(now) for meter in layer.meters]
    total = sum(rates)
    place = min(layer.index + max(3 - len(layer.source.rids), 0), 2)
    nominal = NOMINAL_SCREEN_BPS if layer.source.kind == "screen" else NOMINAL_BPS
    young = now - layer.begun_at < YOUNG_S and not lowest
    cost = max(total, layer.known_bps or nominal[place]) if young else total
    if not young:
        layer.known_bps = max(total, layer.known_bps * 9 // 10)  # A layer that stops fades within a second.
    found: list[tuple[int, int]] = []
    cumulated = 0
    for temporal, rate in enumerate(rates[:-1]):
        cumulated += rate
        if rate and cumulated < total:
            found.append((temporal, cumulated * cost // total))
    found.append((TEMPORAL_LAYERS - 1, cost))
    return found


def _top(source: Source, height: int) -> int:
    """Return the highest layer that a wish for `height` pixels needs; -1: none."""
    known = [layer.height if layer is not None else 0 for layer in source.layers]
    return enough(known or [0] * len(source.rids), height) if height else -1


def raised(source: Source, height: int) -> tuple[str, ...]:
    """Take note that somebody wishes for `height` now; return what to ask for if the publisher sends less."""
    wanted = _top(source, height)
    if source.wanted is None or wanted <= source.wanted:
        return ()
    source.wanted, source.lower_at = wanted, None
    return source.rids[: wanted + 1]


def update_wanted(source: Source, heights: Iterable[int], now: float) -> bool:
    """
    Work out which layers anybody watches; True if the publisher is to be told now.

    `heights` are the wishes of all who may see the source. More is wanted at once, less after a while.
    """
    wanted = _top(source, max(heights, default=0))
    told = source.wanted if source.wanted is not None else len(source.rids) - 1
    if wanted >= told:
        source.lower_at = None
        source.wanted = wanted
        return wanted > told
    if source.lower_at is None:
        source.lower_at = now + LOWER_AFTER_S
    if now < source.lower_at:
        return False
    source.lower_at = None
    source.wanted = wanted
    return True
