/** Accounts, for administrators and coordinators: find, make, change, lock, give a new password. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { ask, withQuery } from "../protocol/api.js";
import { resource } from "../state/resource.js";
import { account, may } from "../state/visitor.js";
import { AccountDialog, PasswordDialog, accountRole } from "./account_form.js";
import { Loaded } from "./loaded.js";
import { Avatar } from "./parts/avatar.js";
import { Button } from "./parts/button.js";
import { Badge, Empty } from "./parts/marks.js";
import { Menu } from "./parts/menu.js";
import { toast } from "./parts/toast.js";
import { explain } from "./refusals.js";
import { SearchBox } from "./search_box.js";

/** @typedef {import("../state/visitor.js").Account} Account */

/** @type {import("../state/resource.js").Resource<readonly Account[]>} */
const found = resource();
const PAGE = 100;

export function AccountsPage() {
  const [query, setQuery] = useState("");
  const [making, setMaking] = useState(false);
  const [more, setMore] = useState(/** @type {readonly Account[]} */ ([]));
  const [given, setGiven] = useState(/** @type {{ person: Account, password: string } | null} */ (null));
  useEffect(() => {
    setMore([]);
    void found.load(withQuery("/api/people", { query, limit: PAGE }));
  }, [query]);
  if (!may("people.manage")) return html`<h1 tabindex="-1">${t("Accounts")}</h1><${Empty} icon="lock" title=${t("You may not do this here.")} />`;
  const made = (/** @type {{ person: Account, password: string | null }} */ result) => {
    setMaking(false);
    void found.again();
    if (result.password !== null) setGiven({ person: result.person, password: result.password });
  };
  const next = async (/** @type {Account} */ last) => {
    /** @type {import("../protocol/api.js").Outcome<Account[]>} */
    const outcome = await ask("GET", withQuery("/api/people", { query, after: last.id, limit: PAGE }));
    if (outcome.ok) setMore([...more, ...outcome.data]);
    else toast(explain(outcome), { kind: "bad" });
  };
  return html`<div class="page-head">
      <h1 tabindex="-1">${t("Accounts")}</h1>
      <div class="page-tools"><${Button} kind="primary" icon="user-plus" onClick=${() => setMaking(true)}>${t("New account")}<//></div>
    </div>
    <div class="filters"><${SearchBox} label=${t("Find a name or login")} onSearch=${setQuery} /></div>
    <${Loaded} of=${found}>
      ${(/** @type {readonly Account[]} */ list) => html`<${Rows} list=${[...list, ...more]} full=${(more.length || list.length) % PAGE === 0} onMore=${next} onGiven=${setGiven} />`}
    <//>
    ${making && html`<${AccountDialog} onClose=${() => setMaking(false)} onDone=${made} />`}
    ${given && html`<${PasswordDialog} given=${given} onClose=${() => setGiven(null)} />`}`;
}

/**
 * @param {object} props
 * @param {readonly Account[]} props.list
 * @param {boolean} props.full the last page was full: there may be another
 * @param {(last: Account) => void} props.onMore
 * @param {(given: { person: Account, password: string }) => void} props.onGiven
 */
function Rows({ list, full, onMore, onGiven }) {
  const last = list.at(-1);
  if (last === undefined) return html`<${Empty} icon="search" title=${t("Nobody was found")}>${t("Try fewer letters.")}<//>`;
  return html`<ul class="rows">
      ${list.map((person) => html`<${Row} key=${person.id} person=${person} onGiven=${onGiven} />`)}
    </ul>
    ${full && html`<${Button} onClick=${() => onMore(last)}>${t("Show more")}<//>`}`;
}

/** @param {{ person: Account, onGiven: (given: { person: Account, password: string }) => void }} props */
function Row({ person, onGiven }) {
  const [editing, setEditing] = useState(false);
  const own = person.id === account.value?.id;
  const disabled = person.disabled_at !== null;
  const lock = async (/** @type {boolean} */ to) => {
    const outcome = await ask("PUT", `/api/people/${person.id}/disabled`, { disabled: to });
    if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
    else if (to) toast(t("{name} can no longer sign in.", { name: person.name }), { actions: [{ label: t("Undo"), onClick: () => void lock(false) }] });
    await found.again();
  };
  const reset = async () => {
    /** @type {import("../protocol/api.js").Outcome<{ person: Account, password: string | null }>} */
    const outcome = await ask("POST", `/api/people/${person.id}/password`, {});
    if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
    else if (outcome.data.password !== null) onGiven({ person, password: outcome.data.password });
  };
  /** @type {import("./parts/menu.js").Entry[]} */
  const items = [
    { label: t("Change"), icon: "pencil", onSelect: () => setEditing(true) },
    { label: t("Give a new password"), icon: "key-round", onSelect: () => void reset() },
    ...(own ? [] : [/** @type {const} */ ("-"), { label: disabled ? t("Unlock") : t("Lock the account"), icon: disabled ? "lock-open" : "lock", onSelect: () => void lock(!disabled) }]),
  ];
  return html`<li class="row">
    <${Avatar} id=${person.id} name=${person.name} />
    <div class="row-text"><span class="one-line">${person.name}</span><span class="faint mark-text">${person.login}</span></div>
    <div class="row-marks">
      ${disabled && html`<${Badge} kind="stop" icon="lock">${t("Locked")}<//>`}
      <${Badge}>${accountRole(person.role)}<//>
    </div>
    <${Menu} label=${t("More for {name}", { name: person.name })} items=${items} />
    ${editing && html`<${AccountDialog} person=${person} onClose=${() => setEditing(false)} onDone=${() => (setEditing(false), void found.again())} />`}
  </li>`;
}
