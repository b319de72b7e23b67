/** How a course is called in lists and menus, and its facts in words. */
import { t } from "../i18n.js";

/** @typedef {import("../state/types_home.js").Course} Course */

/** @param {Course} course */
export function courseName(course) {
  return `${course.discipline} · ${course.group}`;
}

/** 2026 is "2026/2027". @param {number} year */
export function yearName(year) {
  return `${year}/${year + 1}`;
}

/** @param {import("../state/types_home.js").Control} control */
export function controlName(control) {
  const names = { exam: t("Exam"), credit: t("Credit test"), graded_credit: t("Graded credit test"), course_work: t("Course work"), none: t("No control") };
  return names[control];
}
