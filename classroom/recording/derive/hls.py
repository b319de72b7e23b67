"""
The film of a class cut into pieces, for players and servers that want HLS (RFC 8216): a playlist and
fragments of MP4.
"""

import zipfile
from pathlib import Path

import av

from classroom.recording.derive.film import FilmWish, Progress
from classroom.recording.derive.film import make as make_film
from classroom.recording.derive.story import Story
from classroom.recording.manifest import Manifest

PIECE_S = 6  # What Apple's authoring specification asks for.
FILM_SHARE = 0.95  # Of the work; cutting is copying.


def make(
    media: Path, manifest: Manifest, story: Story, wish: FilmWish, target: Path, progress: Progress
) -> dict[str, int]:
    """Write a ZIP with `class.m3u8` and what it names to `target`; return the film's figures."""
    folder = target.parent / "hls"
    folder.mkdir()
    film = target.with_suffix(".mp4")
    figures = make_film(media, manifest, story, wish, film, lambda share: progress(share * FILM_SHARE))
    options = {
        "hls_time": str(PIECE_S), "hls_playlist_type": "vod", "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": "init.mp4", "hls_segment_filename": str(folder / "%05d.m4s"),
    }  # fmt: skip
    with (
        av.open(str(film)) as source,
        av.open(str(folder / "class.m3u8"), "w", "hls", options=options) as out,
    ):
        streams = {
            one.index: out.add_stream_from_template(one) for one in source.streams if one.type != "data"
        }
        for packet in source.demux(*[one for one in source.streams if one.type != "data"]):
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    film.unlink()
    # Stored: what is in it is compressed already, and servers unpack it in a moment.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as pack:
        for path in sorted(folder.iterdir()):
            pack.write(path, path.name)
    progress(1)
    return figures
