/** A compiled catalogue, as `python -m classroom.i18n` writes it to static/vendor/i18n/LANG.json. */

/** A node of a CLDR plural condition: ["n"], ["value", 5], ["mod", x, y], ["in", x, [[from, to]]], ["and", x, y] ... */
export type Condition = readonly [string, ...any[]];

export interface Widths {
  readonly wide: readonly string[];
  readonly short: readonly string[];
}
export type DateStyle = "full" | "long" | "medium" | "short" | "month" | "day" | "day_short" | "weekday";
export type RelativeUnit = "year" | "month" | "week" | "day" | "hour" | "minute";
export type PluralTexts = Readonly<Record<string, string>>;

export interface Catalogue {
  readonly locale: string;
  /** English sentence -> translation, or one translation a plural form, at the places that `plural.forms` gives. */
  readonly messages: Readonly<Record<string, string | readonly string[]>>;
  readonly plural: { readonly forms: Readonly<Record<string, number>>; readonly rules: readonly (readonly [string, Condition])[] };
  readonly months: { readonly format: Widths; readonly alone: Widths };
  /** Monday first. */
  readonly weekdays: { readonly format: Widths; readonly alone: Widths };
  readonly day_periods: { readonly am: string; readonly pm: string };
  readonly first_weekday: number;
  readonly date: Readonly<Record<DateStyle, string>>;
  readonly time: { readonly short: string; readonly medium: string };
  /** {0} is the time, {1} the date. */
  readonly datetime: string;
  readonly numbers: {
    readonly decimal: string;
    readonly group: string;
    readonly minus: string;
    /** {0} is the number. */
    readonly percent_pattern: string;
  };
  readonly relative: Readonly<Record<RelativeUnit, { readonly past: PluralTexts; readonly future: PluralTexts }>>;
  readonly list: { readonly start: string; readonly middle: string; readonly end: string; readonly two: string };
  readonly bytes: Readonly<Record<"byte" | "kilobyte" | "megabyte" | "gigabyte" | "terabyte", PluralTexts>>;
  /** Letters in the order of the dictionary; those not in it come after, by number. */
  readonly alphabet: string;
}
