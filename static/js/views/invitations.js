/** Links into one class, for people without an account: made, copied, ended. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatDateTime, t, tn } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { resource } from "../state/resource.js";
import { Loaded } from "./loaded.js";
import { Button } from "./parts/button.js";
import { copyText } from "./parts/clipboard.js";
import { Dialog } from "./parts/dialog.js";
import { SelectField } from "./parts/field.js";
import { toast } from "./parts/toast.js";
import { explain } from "./refusals.js";

/** @typedef {{ invitation: import("../state/types_home.js").Invitation, code: string }} InvitationLink */

const DAY = 86_400_000;
const USES = [1, 10, 30, 100, 500];

/** @type {import("../state/resource.js").Resource<readonly InvitationLink[]>} */
const links = resource();

/** The code stands behind #: browsers do not send that part, so it never gets into a log. */
function address(/** @type {InvitationLink} */ link) {
  return `${location.origin}/class/${link.invitation.class_id}#invitation=${link.code}`;
}

/** @param {{ planned: import("../state/types_home.js").PlannedClass, onClose: () => void }} props */
export function InvitationsDialog({ planned, onClose }) {
  const path = `/api/classes/${planned.id}/invitations`;
  const [days, setDays] = useState("1");
  const [uses, setUses] = useState("30");
  const [busy, setBusy] = useState(false);
  useEffect(() => void links.load(path), [path]);
  const make = async () => {
    setBusy(true);
    const body = { expires_at: Date.now() + Number(days) * DAY, max_uses: Number(uses), role: "guest" };
    /** @type {import("../protocol/api.js").Outcome<InvitationLink>} */
    const outcome = await ask("POST", path, body);
    setBusy(false);
    if (!outcome.ok) {
      toast(explain(outcome), { kind: "bad" });
      return;
    }
    await links.again();
    await copy(address(outcome.data));
  };
  const now = Date.now();
  return html`<${Dialog} title=${t("Invite to “{title}”", { title: planned.title })} onClose=${onClose}>
    <p class="soft">${t("Whoever has the link enters as a guest, under a name of their own choice.")}</p>
    <div class="form-row">
      <${SelectField} label=${t("Valid for")} value=${days} onChange=${setDays} options=${[1, 7, 30].map((n) => ({ value: String(n), label: tn("{n} day", "{n} days", n) }))} />
      <${SelectField} label=${t("For at most")} value=${uses} onChange=${setUses} options=${USES.map((n) => ({ value: String(n), label: tn("{n} person", "{n} people", n) }))} />
    </div>
    <div><${Button} kind="primary" icon="link" busy=${busy} onClick=${make}>${t("Make a link and copy it")}<//></div>
    <${Loaded} of=${links}>
      ${(/** @type {readonly InvitationLink[]} */ all) => {
        const live = all.filter(({ invitation }) => invitation.revoked_at === null && invitation.expires_at > now && invitation.uses < invitation.max_uses);
        return live.length > 0 && html`<ul class="rows">${live.map((link) => html`<${Row} key=${link.invitation.id} link=${link} />`)}</ul>`;
      }}
    <//>
  <//>`;
}

/** @param {{ link: InvitationLink }} props */
function Row({ link }) {
  const { invitation } = link;
  const end = async () => {
    const outcome = await ask("DELETE", `/api/invitations/${invitation.id}`);
    if (!outcome.ok) toast(explain(outcome), { kind: "bad" });
    await links.again();
  };
  return html`<li class="row">
    <div class="row-text">
      <code class="one-line">${address(link)}</code>
      <span class="faint mark-text">${t("until {time}", { time: formatDateTime(invitation.expires_at) })} · ${tn("used {n} time", "used {n} times", invitation.uses)}</span>
    </div>
    <${Button} icon="copy" onClick=${() => copy(address(link))}>${t("Copy")}<//>
    <${Button} kind="quiet" icon="x" onClick=${end}>${t("End")}<//>
  </li>`;
}

function copy(/** @type {string} */ link) {
  return copyText(link, { done: t("The link was copied."), refused: t("The browser did not allow copying: mark the link and copy it yourself.") });
}
