"""
Offers and answers, and which leg each of them is about.

A peer has up to two legs and, while it changes over to a new one, a third: the offer that has not been
answered yet. Whether an answer continues the old connection (an ICE restart) or comes from a new one is told
by its session and its certificate.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

from signaling.control import MediaRefused
from signaling.core import answering, offering, sdp, watcher
from signaling.core.answering import Agreed
from signaling.core.dialect import Dialect
from signaling.core.model import Kind
from signaling.core.negotiation import Local, NegotiationError
from signaling.core.offering import Accepted
from signaling.peers import HostedRoom, Peer, restarts, same_connection
from signaling.rtc.leg import Leg
from signaling.rtc.transport import Transport


class Legs:
    """Makes, continues, replaces and ends the legs of peers, in the transport and in their rooms."""

    def __init__(
        self,
        transport: Transport,
        candidates: tuple[tuple[str, int], ...],
        offer_again: Callable[[Peer, str], None],
        tcp_candidates: tuple[tuple[str, int], ...] = (),
    ) -> None:
        """`candidates`: our addresses and ports. `offer_again` tells a peer of an offer to be answered."""
        self._transport = transport
        self._candidates = candidates
        self._tcp_candidates = tcp_candidates
        self._offer_again = offer_again

    def publish(self, peer: Peer, text: str, kinds: Mapping[str, Kind], now: float) -> str:
        """
        Take a publisher's offer and return the answer. `kinds` says what its m-lines carry.

        Raises MediaRefused; what was there before goes on then.
        """
        former = peer.publisher
        leg = former or self._transport.open("publisher", peer, now)
        try:
            agreed = self._agree(peer, leg, text, kinds)
            if former is not None and not same_connection(peer.published, agreed):
                leg = self._transport.open("publisher", peer, now)
                agreed = self._agree(peer, leg, text, kinds)
            elif former is not None and restarts(peer.published, agreed):
                self._transport.renew(leg)
                agreed = self._agree(peer, leg, text, kinds)
        except MediaRefused:
            if leg is not former:
                self._transport.close(leg)
            raise
        if former is not None and leg is not former:
            self._transport.close(former)
            peer.room.core.unpublish(peer.name, now)
        leg.calls = agreed.transport.setup == "passive"
        peer.publisher, peer.published = leg, agreed
        peer.room.core.publish(peer.name, agreed.sections, now)
        self._transport.expect(leg, agreed.transport.fingerprints, now)
        return agreed.answer

    def _agree(self, peer: Peer, leg: Leg, text: str, kinds: Mapping[str, Kind]) -> Agreed:
        with _refusing():
            return answering.answer_publisher(text, kinds, self._local(peer, leg))

    def _local(self, peer: Peer, leg: Leg) -> Local:
        peer.version += 1
        return Local(
            session=peer.session,
            version=peer.version,
            ufrag=leg.ufrag,
            password=leg.password,
            fingerprint=leg.identity.fingerprint,
            candidates=self._candidates,
            tcp_candidates=self._tcp_candidates,
        )

    def subscribe(self, peer: Peer, now: float) -> str:
        """Return a new offer for a subscriber; one that is not answered yet ends."""
        if peer.candidate is not None:
            self._transport.close(peer.candidate)
        peer.candidate = self._transport.open("subscriber", peer, now)
        return self._offer(peer, peer.candidate)

    def _offer(self, peer: Peer, leg: Leg) -> str:
        peer.offered_pairs = peer.room.core.pairs
        return offering.offer_subscriber(peer.room.pairs(peer.offered_pairs), self._local(peer, leg))

    def watch(self, peer: Peer, text: str, now: float) -> str:
        """
        Take a viewer's own offer and return the answer. It replaces what the peer received before.

        Raises MediaRefused; what was there before goes on then.
        """
        stage = peer.room.core.stage()
        leg = self._transport.open("subscriber", peer, now)
        try:
            with _refusing():
                agreed = watcher.answer_watcher(text, stage, self._local(peer, leg))
        except MediaRefused:
            self._transport.close(leg)
            raise
        for former in (peer.subscriber, peer.candidate):
            if former is not None:
                self._transport.close(former)
        peer.room.core.unsubscribe(peer.name, now)
        leg.calls = agreed.transport.setup == "passive"
        leg.speak(_shared(peer.room, agreed.dialect))
        peer.subscriber, peer.watched = leg, agreed
        peer.candidate = peer.accepted = None
        self._transport.expect(leg, agreed.transport.fingerprints, now)
        return agreed.answer

    def restart(self, peer: Peer) -> Leg:
        """
        Give new ICE credentials to a leg whose peer made the offer: the publisher's, else the watcher's.

        Nothing is asked of the peer's own new ones: as an ICE-lite agent we never send a check.
        """
        leg = peer.publisher or (peer.subscriber if peer.watched is not None else None)
        if leg is None:
            raise MediaRefused("media.unknown_peer", "there is no leg to be restarted")
        self._transport.renew(leg)
        return leg

    def answer(self, peer: Peer, text: str, now: float) -> None:
        """Take a subscriber's answer to the newest offer. Raises MediaRefused."""
        leg = peer.candidate or peer.subscriber
        if leg is None:
            raise MediaRefused("media.unknown_peer", "there is no offer to be answered")
        with _refusing():
            accepted = offering.accept_subscriber(text, peer.room.pairs(peer.offered_pairs))
        if peer.candidate is None:
            if not same_connection(peer.accepted, accepted):
                raise MediaRefused("media.bad_sdp", "the answer is of another connection than the offer")
        else:
            leg = self._settle(peer, peer.candidate, accepted, now)
        peer.accepted = accepted
        if leg.state == "new":
            self._transport.expect(leg, accepted.transport.fingerprints, now)
        else:
            self.attach(peer, leg, now)
        if peer.subscriber is leg and accepted.pairs < peer.room.core.pairs:
            self._offer_again(peer, self._offer(peer, leg))

    def _settle(self, peer: Peer, candidate: Leg, accepted: Accepted, now: float) -> Leg:
        """Let the answered offer take the place of the old leg, or the old leg take its credentials."""
        former, peer.candidate = peer.subscriber, None
        if former is not None and same_connection(peer.accepted, accepted):
            self._transport.adopt(former, candidate)
            return former
        if former is not None:
            self._transport.close(former)
            peer.room.core.unsubscribe(peer.name, now)
        peer.subscriber, peer.watched = candidate, None
        return candidate

    def attach(self, peer: Peer, leg: Leg, now: float) -> None:
        """Let the room send to a subscriber leg that has both keys and an answer."""
        if leg is peer.subscriber and peer.accepted is not None:
            peer.room.core.subscribe(peer.name, leg, peer.accepted.pairs, peer.accepted.codecs, now)
        elif leg is peer.subscriber and peer.watched is not None:
            codecs, repairs = peer.watched.dialect.codecs(), peer.watched.repairs
            peer.room.core.watch(peer.name, leg, codecs, now, repairs=repairs)

    def offer_grown(self, peer: Peer) -> None:
        """Offer the room's new pairs of slots; whoever has an offer to answer gets them with the next."""
        if peer.subscriber is not None and peer.candidate is None and peer.watched is None:
            self._offer_again(peer, self._offer(peer, peer.subscriber))

    def close(self, peer: Peer) -> None:
        """End all legs of a peer. The room is told by the caller."""
        for leg in (peer.publisher, peer.subscriber, peer.candidate):
            if leg is not None:
                self._transport.close(leg)

    def failed(self, peer: Peer, leg: Leg, now: float) -> bool:
        """Forget a leg that has ended. Return whether that concerns anybody."""
        if leg is peer.candidate:
            peer.candidate = None
            if peer.subscriber is not None:
                return False  # An offer that nobody took up; what it was to replace goes on.
        if leg is peer.publisher:
            peer.publisher = peer.published = None
            peer.room.core.unpublish(peer.name, now)
        elif leg is peer.subscriber:
            peer.subscriber = peer.accepted = peer.watched = None
            peer.room.core.unsubscribe(peer.name, now)
        return True


def _shared(room: HostedRoom, dialect: Dialect) -> Dialect:
    """Return the dialect that somebody in the room speaks already, if it is the same."""
    spoken = (peer.subscriber.dialect for peer in room.peers.values() if peer.subscriber is not None)
    return next((known for known in spoken if known == dialect), None) or dialect


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Turn what is wrong with a description into the refusal that the program gets."""
    try:
        yield
    except sdp.SdpError as error:
        raise MediaRefused("media.bad_sdp", str(error)) from error
    except NegotiationError as error:
        raise MediaRefused(error.code, str(error)) from error
