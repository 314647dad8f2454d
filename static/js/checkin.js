// The check-in page: a code is scanned, typed or found by name, the answer takes the screen, and scanning goes on by
// itself. Without this script the forms do the same, one page after the other.
import { Camera } from "./checkin-camera.js";
import { Queue } from "./checkin-queue.js";
import { sound, touch } from "./checkin-sound.js";

const main = document.querySelector("[data-checkin]");
const one = (name, within = document) => within.querySelector(`[data-${name}]`);
const base = main.dataset.checkin;
const unit = Number(one("unit").value);
const number = new Intl.NumberFormat(main.dataset.lang);
const clock = new Intl.DateTimeFormat("de", { hour: "2-digit", minute: "2-digit" });
const queue = new Queue(`attesta check-in ${main.dataset.state}`);
const stage = one("stage"), scan = one("scan"), rows = one("rows");
const sheets = document.querySelectorAll("[data-sheet]");
const counted = { in: undefined, expected: undefined };
let timer, showing = false;

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
const device = (() => {
  try {
    const id = localStorage.getItem("attesta device") ?? random();
    localStorage.setItem("attesta device", id);
    return id;
  } catch { return random(); }
})();

// The bar: whether the server can be reached, what waits, how many are in by the server and by what waits here.
let told = null;
function bar(online) {
  if (online !== undefined) told = online;
  const off = told === false || !navigator.onLine;
  one("net").classList.toggle("ci-net--off", off || queue.length > 0);
  one("on").hidden = off;
  one("off").hidden = !off;
  const waiting = one("waiting");
  waiting.hidden = !queue.length;
  waiting.querySelector("b").textContent = number.format(queue.length);
  if (counted.in === undefined) return;
  one("in").textContent = number.format(counted.in + queue.waiting(unit));
  one("expected").textContent = number.format(counted.expected);
}

function count(answer) {
  if (answer.in === undefined) return;
  counted.in = answer.in;
  counted.expected = answer.expected;
}

// send asks the server. It returns the answer, or nothing if the server couldn't be asked just now.
async function send(entry) {
  let res;
  try {
    res = await fetch(`${base}/marks`, {
      method: "POST", body: JSON.stringify(entry), signal: AbortSignal.timeout(8000), cache: "no-store",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": main.dataset.token },
    });
  } catch {
    bar(false);
    return null;
  }
  if (res.ok) {
    const answer = await res.json();
    if (entry.unit === unit) count(answer);
    bar(true);
    return answer;
  }
  if (res.status === 429 || res.status >= 500) return null;
  if (res.status === 403 || res.status === 410) {
    queue.add(entry);
    location.reload(); // an old page gets a new token, an ended link says so
    return null;
  }
  return { answer: "unknown" };
}

async function heartbeat() {
  try {
    const res = await fetch(`${base}/count?unit=${unit}`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000), cache: "no-store" });
    if (res.status === 410) { // the link's day is over: what was marked on it may still come
      await queue.flush(send, late);
      location.reload();
    }
    if (res.ok) count(await res.json());
    bar(res.ok);
    if (res.ok && queue.length) await queue.flush(send, late);
  } catch { bar(false); }
  bar();
}

// late is the answer to what had waited. A claim that had got through the first time comes back as already in.
function late(entry, answer) {
  const kind = answer.answer === "already" ? "in" : answer.answer;
  row({ ...answer, answer: kind, at: entry.time }, entry.key);
  if (words(kind).tone === "stop") sound("stop");
}

const words = (kind) => {
  const t = document.querySelector(`template[data-kind="${CSS.escape(kind)}"]`);
  return { ...t.dataset, content: t.content };
};

// row adds to the last scans, or mends the row of what had waited. They are forgotten with the page.
function row(answer, key) {
  const w = words(answer.answer);
  const item = document.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
  item.dataset.key = key;
  one("name", item).textContent = answer.name || (answer.answer === "kept" ? answer.code : w.word);
  one("place", item).textContent = answer.name ? answer.institution ?? "" : "";
  const status = one("status", item);
  status.textContent = w.status;
  status.classList.add(`status--${w.tone}`);
  one("time", item).textContent = answer.at ?? clock.format(new Date());
  const before = [...rows.children].find((r) => r.dataset.key === key);
  if (before) before.replaceWith(item);
  else rows.prepend(item);
  while (rows.children.length > 8) rows.lastElementChild.remove();
  one("last").hidden = false;
}

// show turns the whole screen to the answer.
function show(answer) {
  const w = words(answer.answer);
  const section = w.content.firstElementChild.cloneNode(true);
  for (const [field, text] of [["name", answer.name], ["place", answer.institution], ["more", answer.more]]) if (text) one(field, section).textContent = text;
  const undo = one("undo", section);
  if (undo) undo.elements.code.value = answer.code;
  const auto = one("auto", section);
  auto.hidden = false;
  stage.replaceChildren(section);
  showing = true;
  scan.classList.add("ci-away");
  for (const s of sheets) s.classList.remove("ci-sheet--on");
  one("back", section).focus({ preventScroll: true });
  scrollTo(0, 0);
  sound(w.tone);
  clearTimeout(timer);
  if (Number(w.seconds)) timer = setTimeout(back, 1000 * Number(w.seconds));
}

function back() {
  clearTimeout(timer);
  showing = false;
  stage.replaceChildren();
  for (const s of sheets) s.classList.remove("ci-sheet--on");
  scan.classList.remove("ci-away");
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
}

function open(name) {
  back();
  scan.classList.add("ci-away");
  const sheet = document.querySelector(`[data-sheet="${name}"]`);
  sheet.classList.add("ci-sheet--on");
  const field = sheet.querySelector("input:not([type=hidden])");
  field.value = "";
  if (name === "find") hits({ said: "", hits: [] });
  field.focus();
}

async function mark({ code, source, absent = false }) {
  const entry = { unit, code, source, absent, key: random(), device, at: Date.now(), time: clock.format(new Date()) };
  showing = true;
  let answer = await send(entry);
  if (!answer && absent) { // taking back needs the server: what is undone must not have been counted meanwhile
    back();
    return;
  }
  if (!answer) {
    queue.add(entry);
    answer = { answer: "kept", code, at: entry.time };
  }
  row(answer, entry.key);
  show(answer);
  bar();
}

const camera = new Camera(one("video"), main.dataset.wasm, (code) => {
  if (showing || scan.classList.contains("ci-away")) return false;
  mark({ code, source: "scan" });
  return true;
});

async function start(how = () => camera.start()) {
  touch();
  one("begin").hidden = true;
  try {
    await how();
    for (const name of ["frame", "aim"]) one(name).hidden = false;
    one("blind").hidden = true;
    one("light").hidden = !camera.hasLight();
    one("other").hidden = (await camera.cameras()).length < 2;
  } catch {
    for (const name of ["frame", "aim", "light", "other"]) one(name).hidden = true;
    one("blind").hidden = false;
    one("begin").hidden = !navigator.mediaDevices;
  }
}

// Search by name: in the body of a POST, so that no name stands in an address.
let asked = 0;
async function find(form) {
  const mine = ++asked;
  const text = form.elements.search.value.trim();
  if ([...text].length < 3) { hits({ said: "", hits: [] }); return; }
  try {
    const res = await fetch(form.action, { method: "POST", body: new URLSearchParams({ search: text, unit }), signal: AbortSignal.timeout(8000), headers: { Accept: "application/json", "X-CSRF-Token": main.dataset.token } });
    if (res.status === 403 || res.status === 410) location.reload();
    const found = await res.json();
    if (mine === asked) hits(res.ok ? found : { said: found.message, hits: [] });
    bar(true);
  } catch { if (mine === asked) { bar(false); hits({ said: one("off").textContent, hits: [] }); } }
}

function hits({ said, hits: list }) {
  one("said").textContent = said;
  one("hits").replaceChildren(...list.map((h) => {
    const item = document.querySelector("template[data-hit]").content.firstElementChild.cloneNode(true);
    one("name", item).textContent = h.name;
    one("place", item).textContent = h.institution;
    const form = item.querySelector("form");
    form.elements.code.value = h.code;
    form.querySelector("button").setAttribute("aria-label", `${form.querySelector("button").textContent}: ${h.name}`);
    if (h.in) form.remove();
    else one("inside", item).remove();
    return item;
  }));
}

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.matches("[data-find]")) { e.preventDefault(); find(form); }
  if (!form.matches("[data-mark]")) return;
  e.preventDefault();
  touch();
  const code = form.elements.code.value.trim();
  if (!code) { form.elements.code.focus(); return; }
  if (form.matches("[data-undo]")) camera.forget();
  mark({ code, source: form.elements.source.value, absent: Boolean(form.elements.absent) });
}, true);

document.addEventListener("click", (e) => {
  touch();
  const link = e.target.closest("[data-back], [data-open]");
  if (!link) return;
  e.preventDefault();
  if (link.dataset.open) open(link.dataset.open);
  else back();
});

let typing;
document.getElementById("search").addEventListener("input", (e) => { clearTimeout(typing); typing = setTimeout(() => find(e.target.form), 250); });
one("unit").addEventListener("change", (e) => { location.href = `${base}?unit=${e.target.value}`; });
one("start").addEventListener("click", () => start());
one("other").addEventListener("click", () => start(() => camera.next()));
one("light").addEventListener("click", (e) => {
  const on = e.target.getAttribute("aria-pressed") !== "true";
  e.target.setAttribute("aria-pressed", on);
  camera.light(on);
});
addEventListener("online", () => heartbeat());
addEventListener("offline", () => bar(false));
document.addEventListener("visibilitychange", () => { if (!document.hidden) { heartbeat(); if (camera.ended()) start(); } });
setInterval(heartbeat, 15000);

heartbeat();
one("begin").hidden = !navigator.mediaDevices;
one("blind").hidden = Boolean(navigator.mediaDevices);
navigator.permissions?.query({ name: "camera" }).then((p) => { if (p.state === "granted") start(); }, () => {});
