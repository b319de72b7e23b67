/**
 * Who is here: the door, the raised hands, then everybody, with what may be done for each. A list of five hundred is cut to
 * what fits some screens; the search finds the rest.
 */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { compare, t, tn } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Hands } from "./hands.js";
import { Lobby } from "./lobby.js";
import { LocksDialog } from "./locks.js";
import { listed } from "./people_order.js";
import { PersonRow } from "./person_row.js";
import { Button, IconButton } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { Empty } from "./parts/marks.js";

/** Rows drawn at once: enough for a group, cheap on a phone. */
const PAGE = 100;
/** From here on a search is worth its line. */
const SEARCH_FROM = 8;

/** Return how many people are in the class, for the tab. */
export function presentPeople(/** @type {import("../state/context.js").Room} */ room) {
  return Object.values(room.state.people.value.items).filter((person) => person.present).length;
}

export function PeoplePanel() {
  const room = useRoom();
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(PAGE);
  const [rules, setRules] = useState(false);
  const people = listed(room.state.people.value.items, room.state.stage.value.tracks, search, compare);
  const staff = room.can("locks");
  return html`<div class="panel people">
    <div class="people-scroll" tabindex="0" role="group" aria-label=${t("People")}>
      <${Lobby} />
      <${Hands} />
      <section class="people-section" aria-labelledby="people-title">
        <div class="people-head">
          <h3 class="people-title" id="people-title"><${Icon} name="users" size=${16} />${tn("{n} person here", "{n} people here", presentPeople(room))}</h3>
          ${staff && html`<${MuteAll} /><${IconButton} icon="sliders-horizontal" label=${t("Rules of this class")} test="rules" onClick=${() => setRules(true)} />`}
        </div>
        ${(presentPeople(room) >= SEARCH_FROM || search !== "") && html`<${Search} value=${search} onInput=${setSearch} />`}
        <ul class="people-list" aria-label=${t("People")}>
          ${people.slice(0, most).map((person) => html`<${PersonRow} key=${person.id} person=${person} />`)}
        </ul>
        ${people.length === 0 && html`<${Empty} icon="search" title=${t("Nobody of that name is here")} />`}
        ${people.length > most && html`<${Button} onClick=${() => setMost(most + PAGE)}>${tn("Show {n} more", "Show {n} more", Math.min(PAGE, people.length - most))}<//>`}
      </section>
    </div>
    ${rules && html`<${LocksDialog} onClose=${() => setRules(false)} />`}
  </div>`;
}

/** @param {{ value: string, onInput: (value: string) => void }} props */
function Search({ value, onInput }) {
  return html`<label class="people-search">
    <${Icon} name="search" size=${16} />
    <span class="out-of-sight">${t("Find a person")}</span>
    <input
      class="input"
      type="search"
      placeholder=${t("Find a person")}
      value=${value}
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => onInput(event.currentTarget.value)}
    />
  </label>`;
}

function MuteAll() {
  const room = useRoom();
  const { items } = room.state.people.value;
  const loud = Object.values(room.state.stage.value.tracks).filter(
    (track) => track.kind === "microphone" && !track.muted && items[track.person]?.role !== "teacher" && track.person !== room.me.value.id,
  );
  const mute = () => {
    for (const track of loud) void room.send("stage.mute", { track: track.id });
  };
  if (loud.length === 0) return null;
  return html`<${Button} kind="quiet" icon="mic-off" onClick=${mute}>${t("Mute all")}<//>`;
}
