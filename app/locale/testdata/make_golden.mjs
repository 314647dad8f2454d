// Writes golden.json: what Intl (ICU) makes of dates, numbers and lists, corrected where formats.csv says that ICU
// differs from how the languages are written. Run in this folder: node make_golden.mjs
import { readFileSync, writeFileSync } from "node:fs";

const formats = {};
const [head, ...rows] = readFileSync("formats.csv", "utf8").trim().split("\n").map(split);
for (const row of rows) formats[row[0]] = Object.fromEntries(head.map((name, i) => [name, row[i]]));

function split(line) {
  return [...line.matchAll(/("((?:[^"]|"")*)"|[^,]*)(,|$)/g)].map((m) => m[2]?.replaceAll('""', '"') ?? m[1]).slice(0, 9);
}

const days = [];
for (let m = 0; m < 12; m++) days.push(new Date(Date.UTC(2025, m, 3 * m + 1, 9, 5)), new Date(Date.UTC(2024, m, 28 - m, 23, 59)));
const numbers = [0, 7, 999, 1000, 1234, 9999, 12345, 1234567, -4321, 0.5, 1234.56, 12345.678, -0.25];
const shares = [0, 0.5, 0.873, 1, 0.3333, 12.5];
const lists = [["A"], ["A", "B"], ["A", "B", "C"], ["A", "B", "C", "D"]];

// Genitive months after a day, Montenegrin weekdays, no narrow space and "г." only where a sentence wants it.
function corrected(code, date, text, part) {
  const names = (key) => formats[key][code].split("|");
  if (["bs", "cnr", "sr-Cyrl", "sr-Latn"].includes(code) && part !== "month_year") {
    text = text.replace(names("months_nominative")[date.getUTCMonth()], names("months_in_dates")[date.getUTCMonth()]);
  }
  if (code === "cnr") {
    text = text.replace("ponedeljak", "ponedjeljak").replace("sreda", "srijeda").replace("nedelja", "nedjelja");
  }
  text = text.replaceAll("\u202f", " ");
  if (code === "en") text = text.replace(/^([A-Z][a-z]+day) /, "$1, ");
  if (code === "mk" && part === "date") text = text.replace(/ г\.$/, "");
  return text;
}

const golden = {};
for (const code of head.slice(1)) {
  const tag = formats.intl_tag[code];
  const date = (part, options) => {
    const f = new Intl.DateTimeFormat(tag, { timeZone: "UTC", ...options });
    return days.map((d) => corrected(code, d, f.format(d), part));
  };
  const number = (options) => new Intl.NumberFormat(tag, options);
  golden[code] = {
    date: date("date", { dateStyle: "long" }),
    date_full: date("date_full", { dateStyle: "full" }),
    month_year: date("month_year", { month: "long", year: "numeric" }),
    weekday: date("weekday", { weekday: "long" }),
    time: date("time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    number: numbers.map((n) => number({ maximumFractionDigits: 3 }).format(n)),
    decimal: numbers.map((n) => number({ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "negative" }).format(n)),
    percent: shares.map((n) => number({ style: "percent", minimumFractionDigits: 1 }).format(n)),
    list: lists.map((l) => new Intl.ListFormat(tag).format(l)),
    list_or: lists.map((l) => new Intl.ListFormat(tag, { type: "disjunction" }).format(l)),
  };
}
writeFileSync("golden.json", JSON.stringify({ days: days.map((d) => d.toISOString()), numbers, shares, lists, golden }, null, 1) + "\n");
