/**
 * One moving picture: a <video> that shows a stream (or, of a recording, what the player brings), a shimmer until its first frame, and the report of how large it is on
 * the screen, so that the server sends no more than can be seen.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Wishes } from "./wishes.js";

/** @type {WeakMap<import("../state/context.js").MediaClient, Wishes>} one for each client, whatever number of windows show it */
const known = new WeakMap();

function wishesOf(/** @type {import("../state/context.js").MediaClient} */ media) {
  const found = known.get(media) ?? new Wishes((track, want) => media.wish(track, want));
  known.set(media, found);
  return found;
}

/** Milliseconds that a size must rest before it is reported: dragging the panel's edge would ask for a layer a pixel. */
const REST = 250;

/**
 * @param {object} props
 * @param {MediaStream | null} props.stream null while it is on its way
 * @param {string} props.label who or what is seen
 * @param {boolean} [props.mirrored] own camera: people know themselves from mirrors
 * @param {string | null} [props.track] the stage's track to report the size for; null for own pictures
 */
export function Picture({ stream, label, mirrored = false, track = null }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const [seen, setSeen] = useState(false);
  const { replay } = useRoom();
  useEffect(() => (replay && track && video.current ? replay.attach(track, video.current) : undefined), [replay, track]);
  useEffect(() => {
    if (video.current === null || replay) return;
    setSeen(false);
    video.current.srcObject = stream;
    // A play that is refused or cut off needs no act: pictures are without sound, so browsers start them again themselves.
    video.current.play().catch(() => {});
  }, [stream]);
  useWish(track, video);
  const show = () => setSeen(true);
  return html`<video
      ref=${video}
      class=${`picture ${mirrored ? "picture-mirrored" : ""}`}
      aria-label=${label}
      autoplay
      playsinline
      muted
      disablepictureinpicture=${mirrored}
      onLoadedData=${show}
      onPlaying=${show}
    ></video>
    ${!seen && html`<div class="shimmer" role="img" aria-label=${t("The picture is coming")}></div>`}`;
}

/**
 * Tell the media client how high `element` is in real pixels and whether anybody can see it: on the screen and in a tab
 * that is looked at.
 *
 * @param {string | null} track
 * @param {{ current: HTMLElement | null }} element
 */
function useWish(track, element) {
  const { media } = useRoom();
  useEffect(() => {
    const node = element.current;
    if (track === null || node === null) return;
    const wishes = wishesOf(media);
    const page = node.ownerDocument;
    let onScreen = true;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const report = () => {
      const scale = page.defaultView?.devicePixelRatio ?? 1;
      wishes.put(track, node, { height: Math.round(node.clientHeight * scale), visible: onScreen && !page.hidden });
    };
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(report, REST);
    };
    const sizes = new ResizeObserver(later);
    const sights = new IntersectionObserver((entries) => {
      onScreen = entries.at(-1)?.isIntersecting ?? onScreen;
      later();
    });
    sizes.observe(node);
    sights.observe(node);
    page.addEventListener("visibilitychange", later);
    report();
    return () => {
      clearTimeout(timer);
      sizes.disconnect();
      sights.disconnect();
      page.removeEventListener("visibilitychange", later);
      wishes.drop(track, node);
    };
  }, [track, media]);
}
