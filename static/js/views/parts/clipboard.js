/** Copying for a person: it is said when it worked and when the browser does not allow it. */
import { t } from "../../i18n.js";
import { toast } from "./toast.js";

/**
 * @param {string} text
 * @param {{ done?: string, refused?: string }} [words] what is said in place of the usual
 */
export async function copyText(text, { done = t("Copied"), refused = t("The browser did not allow copying.") } = {}) {
  try {
    await navigator.clipboard.writeText(text);
    toast(done, { kind: "good" });
  } catch {
    toast(refused, { kind: "bad" });
  }
}
