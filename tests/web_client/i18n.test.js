/** Languages: what the page writes is what Babel writes, in all three, though the browser itself may know no Kyrgyz. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";
import * as i18n from "../../static/js/i18n.js";
import { chooseLocale, useCatalogue } from "../../static/js/i18n/catalogue.js";
import { FALLBACK } from "../../static/js/i18n/fallback.js";
import { pluralTag } from "../../static/js/i18n/plural.js";

/** @typedef {import("../../static/js/i18n/types.js").Catalogue} Catalogue */

/** @type {Record<string, { tables: Catalogue, cases: Record<string, any[]> }>} */
const fixture = JSON.parse(readFileSync(new URL("fixtures/cldr.json", import.meta.url), "utf8"));

for (const [language, { tables, cases }] of Object.entries(fixture)) {
  describe(`as Babel writes ${language}`, () => {
    beforeEach(() => useCatalogue(tables));

    test("dates in every style and zone", () => {
      for (const [at, zone, style, expected] of cases["dates"] ?? []) {
        assert.equal(i18n.formatDate(at, { style, zone }), expected, `${style} ${zone}`);
      }
    });
    test("times of day", () => {
      for (const [at, zone, width, expected] of cases["times"] ?? []) {
        assert.equal(i18n.formatTime(at, { seconds: width === "medium", zone }), expected);
      }
    });
    test("distances from UTC, and the way back", () => {
      for (const [at, zone, expected] of cases["offsets"] ?? []) {
        assert.equal(i18n.offsetOf(at, zone), expected, zone);
        const fields = i18n.fieldsOf(at, zone);
        assert.equal(i18n.momentOf(fields, zone), Math.floor(at / 60_000) * 60_000, zone);
      }
    });
    test("numbers and shares", () => {
      for (const [value, expected] of cases["numbers"] ?? []) assert.equal(i18n.formatNumber(value), expected);
      for (const [value, expected] of cases["percents"] ?? []) assert.equal(i18n.formatPercent(value), expected);
    });
    test("how long ago and how soon", () => {
      const now = 1_790_000_000_000;
      for (const [seconds, expected] of cases["relative"] ?? []) {
        assert.equal(i18n.formatRelative(now + seconds * 1000, now), expected);
      }
    });
    test("lists", () => {
      for (const [items, expected] of cases["lists"] ?? []) assert.equal(i18n.listOf(items), expected);
    });
    test("plural forms", () => {
      for (const [count, expected] of cases["plurals"] ?? []) assert.equal(pluralTag(tables.plural, count), expected, `${count}`);
    });
    test("the order of names is that of the language's own collation", () => {
      // Node carries the whole of CLDR, so here, and only here, the browser's kind of table is the judge.
      const names = ["Ибраимов", "Ёлкин", "Елена", "Ежов", "Өмүр", "Омар", "Орозов", "Үсөн", "Уланов", "Ңарын", "Нарын", "Назарова"]
        .concat(["Ятсен", "Адилет", "адилет", "Zhang", "Émile", "Emil", "Группа 10", "Группа 9", "Группа", "Аба ев", "Абаев", "Йод", "Игорь"]);
      const judge = new Intl.Collator(language, { numeric: true });
      assert.deepEqual([...names].sort(i18n.compare), [...names].sort(judge.compare));
    });
  });
}

describe("sentences", () => {
  /** @param {Partial<Catalogue>} more */
  const speak = (more) => useCatalogue({ .../** @type {any} */ (fixture["ru"]).tables, ...more });

  test("are filled in, numbers as the language writes them", () => {
    speak({ messages: { "Hi {name}, {n}": "Привет, {name}: {n}" } });
    assert.equal(i18n.t("Hi {name}, {n}", { name: "{n}", n: 1234.5 }), "Привет, {n}: 1\u00a0234,5");
  });
  test("fall back to English, and leave a mark that nobody fills", () => {
    speak({ messages: {} });
    assert.equal(i18n.t("Hi {name}"), "Hi {name}");
    assert.equal(i18n.tn("{n} hand", "{n} hands", 1), "1 hand");
    assert.equal(i18n.tn("{n} hand", "{n} hands", 5), "5 hands");
  });
  test("take the plural form of the number", () => {
    speak({ messages: { "{n} hand": ["{n} рука", "{n} руки", "{n} рук"] } });
    const say = (/** @type {number} */ n) => i18n.tn("{n} hand", "{n} hands", n);
    assert.deepEqual([1, 3, 5, 11, 21, 1.5].map(say), ["1 рука", "3 руки", "5 рук", "11 рук", "21 рука", "1,5 руки"]);
  });
  test("of Kyrgyz take theirs", () => {
    useCatalogue({ .../** @type {any} */ (fixture["ky"]).tables, messages: { "{n} hand": ["бир кол", "{n} кол"] } });
    assert.equal(i18n.tn("{n} hand", "{n} hands", 1), "бир кол");
    assert.equal(i18n.tn("{n} hand", "{n} hands", 21), "21 кол");
  });
});

describe("amounts", () => {
  beforeEach(() => useCatalogue(FALLBACK));

  test("of data have three figures and a unit", () => {
    const shown = [0, 1, 999, 1000, 1234567, 99.96e6, 12.34e9, 5e15].map(i18n.formatBytes);
    assert.deepEqual(shown, ["0 B", "1 B", "999 B", "1 kB", "1.23 MB", "100 MB", "12.3 GB", "5,000 TB"]);
  });
  test("of bits a second go over to the larger unit in time", () => {
    const shown = [0, 320_000, 1234, 999_600, 1_250_000, -5].map(i18n.formatBitrate);
    assert.deepEqual(shown, ["0 kbit/s", "320 kbit/s", "1.2 kbit/s", "1 Mbit/s", "1.3 Mbit/s", "0 kbit/s"]);
  });
  test("of time run like a stop-watch", () => {
    assert.deepEqual([0, 187_000, 3_729_000, -1].map(i18n.formatDuration), ["0:00", "3:07", "1:02:09", "0:00"]);
  });
  test("that are no numbers do not break a page", () => {
    assert.deepEqual([NaN, Infinity, -Infinity].map((value) => i18n.formatNumber(value)), ["–", "∞", "-∞"]);
    assert.equal(i18n.formatNumber(-0.0001), "0");
    assert.equal(i18n.formatNumber(2, { digits: 1, fixed: true }), "2.0");
  });
  test("of time between zones", () => {
    assert.deepEqual(
      ["Asia/Bishkek", "UTC", "America/St_Johns"].map((zone) => i18n.formatZone(Date.UTC(2026, 0, 1), zone)),
      ["UTC+6", "UTC", "UTC−3:30"],
    );
  });
  test("near now are just now", () => assert.equal(i18n.formatRelative(1000, 2000), "just now"));
});

describe("the language", () => {
  test("is what was chosen before, else what the browser wants, else English", () => {
    assert.equal(chooseLocale("ru", ["ky"]), "ru");
    assert.equal(chooseLocale("xx", ["ky-KG", "ru"]), "ky");
    assert.equal(chooseLocale(null, ["de", "KY"]), "ky");
    assert.equal(chooseLocale(null, ["uz-Cyrl", "en"]), "ru");
    assert.equal(chooseLocale(null, ["de"]), "en");
    assert.equal(chooseLocale(null, []), "en");
  });
  test("is fetched beside the module, kept, and left as it was when it cannot be had", async (context) => {
    /** @type {string[]} */
    const asked = [];
    let answer = { ok: true, status: 200, json: async () => fixture["ky"]?.tables };
    context.mock.method(globalThis, "fetch", async (/** @type {URL} */ url) => {
      asked.push(url.pathname);
      return answer;
    });
    assert.equal(await i18n.setLocale("ky"), true);
    assert.equal(i18n.locale.value, "ky");
    assert.match(asked[0] ?? "", /static\/vendor\/i18n\/ky\.json$/);
    answer = { ...answer, ok: false, status: 503 };
    assert.equal(await i18n.setLocale("ru"), false);
    assert.equal(await i18n.setLocale("ru"), false); // and asks again
    assert.equal(i18n.locale.value, "ky");
    assert.equal(asked.length, 3);
    await i18n.startLocale();
    assert.equal(i18n.locale.value, "en");
  });
});
