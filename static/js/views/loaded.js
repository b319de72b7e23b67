/** The three faces of something that is asked for: not here yet, not to be had (with a way to try again), here. */
import { html } from "../html.js";
import { t } from "../i18n.js";
import { Button } from "./parts/button.js";
import { Empty } from "./parts/marks.js";
import { Spinner } from "./parts/spinner.js";
import { explain } from "./refusals.js";

/**
 * @template T
 * @param {object} props
 * @param {import("../state/resource.js").Resource<T>} props.of
 * @param {(data: T) => any} props.children draws it
 */
export function Loaded({ of, children }) {
  const data = of.data.value;
  const problem = of.problem.value;
  if (data !== undefined) return children(data);
  if (problem === null) return html`<div class="loading"><${Spinner} label=${t("Loading")} /></div>`;
  const action = html`<${Button} icon="refresh-cw" onClick=${() => void of.again()}>${t("Try again")}<//>`;
  return html`<${Empty} icon="triangle-alert" title=${t("This could not be shown")} action=${action}>${explain(problem)}<//>`;
}
