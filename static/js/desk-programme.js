// The programme, edited by keyboard and by dragging: a session is taken by its handle to another hour, place or day,
// and what doesn't go together is shown as one types. Everything is a field of a form that works without this script;
// what a button does is asked of the server, and its answer takes the place of the form.
const root = document.getElementById("programme");
const moved = document.getElementById("moved");
const step = 5; // minutes
let dirty = false;

const form = () => root.querySelector("form");
const field = (li, name) => li.querySelector(`[name="session_${li.dataset.n}_${name}"]`);
const lists = () => [...root.querySelectorAll(".sessions")];
const rowsOf = (list) => [...list.children].filter((li) => li.dataset.n);
const live = (list) => rowsOf(list).filter((li) => !li.classList.contains("session--gone"));

// hours
const minutes = (text) => (/^\d\d:\d\d/.test(text) ? Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5)) : null);
const hour = (n) => { const m = ((n % 1440) + 1440) % 1440; return String(Math.floor(m / 60)).padStart(2, "0") + ":" + String(m % 60).padStart(2, "0"); };
function timesOf(li) {
  const start = minutes(field(li, "starts").value), end = minutes(field(li, "ends").value);
  if (start === null) return null;
  if (end === null) return { start, length: null };
  return { start, length: end > start ? end - start : end - start + 1440 };
}
function write(li, start, length) {
  const from = Math.max(0, Math.min(1435, start));
  field(li, "starts").value = hour(from);
  if (length !== null) field(li, "ends").value = hour(from + length);
}

// what the reader is told of a move
const titleOf = (li) => field(li, "title").value || li.querySelector("legend")?.textContent || "";
const labelOf = (list) => list.closest(".day").dataset.label;
const range = (t) => hour(t.start) + (t.length === null ? "" : "–" + hour(t.start + t.length));
function tell(li) {
  const t = timesOf(li);
  moved.textContent = `${titleOf(li)}: ${labelOf(li.parentElement)}${t ? ", " + range(t) : ""}`;
}

function changed() {
  dirty = true;
  check();
}

// The rows of a day stand in the order of time; one without an hour stays after the one before it.
function sort(list) {
  let last = -1;
  const order = rowsOf(list).map((li) => { last = timesOf(li)?.start ?? last; return { li, at: last }; });
  const wanted = [...order].sort((a, b) => a.at - b.at);
  if (wanted.every((x, i) => x.li === order[i].li)) return;
  const focused = document.activeElement;
  for (const { li } of wanted) list.append(li);
  if (focused && list.contains(focused)) focused.focus({ preventScroll: true });
}

function toDay(li, list) {
  field(li, "day").value = list.dataset.day;
  if (li.parentElement === list) return;
  const focused = li.contains(document.activeElement) ? document.activeElement : null;
  list.append(li);
  focused?.focus({ preventScroll: true });
}

// plan says where rows come to be if li takes place number at among the others of a list. Within a day those that it
// passes move into the room that it leaves, unless it overlapped with its neighbour and so leaves none; on another day
// it follows the one before it.
function plan(li, list, at) {
  const rows = live(list), from = rows.indexOf(li), own = timesOf(li);
  if (from >= 0) {
    if (from === at) return [];
    const down = at > from, passed = down ? rows.slice(from + 1, at + 1) : rows.slice(at, from), times = new Map([li, ...passed].map((x) => [x, timesOf(x)]));
    if ([...times.values()].some((t) => t === null || t.length === null)) return [];
    const end = (t) => t.start + t.length, next = timesOf(rows[down ? from + 1 : from - 1]), far = times.get(rows[at]);
    const gap = down ? next.start - end(own) : own.start - end(next), by = gap >= 0 ? own.length + gap : 0;
    const start = down ? end(far) - (by ? own.length : 0) : far.start - (by ? 0 : own.length);
    return [{ li, start, length: own.length }, ...passed.map((x) => ({ li: x, start: times.get(x).start + (down ? -by : by), length: times.get(x).length }))];
  }
  const before = at > 0 ? timesOf(rows[at - 1]) : null, after = rows[at] ? timesOf(rows[at]) : null;
  const start = before ? before.start + (before.length ?? 0) : after?.start ?? own?.start;
  return start === undefined ? [] : [{ li, start, length: own?.length ?? null }];
}

function place(li, list, at) {
  const writes = plan(li, list, at);
  toDay(li, list);
  list.insertBefore(li, live(list).filter((x) => x !== li)[at] ?? null);
  for (const x of writes) write(x.li, x.start, x.length);
  sort(list);
  li.querySelector("[data-handle]").focus({ preventScroll: true });
  li.scrollIntoView({ block: "nearest" });
  tell(li);
  changed();
}

function nudge(li, by) {
  const t = timesOf(li);
  if (!t) return;
  write(li, t.start + by, t.length);
  sort(li.parentElement);
  tell(li);
  changed();
}

// the keyboard, on a handle
root.addEventListener("keydown", (e) => {
  const handle = e.target.closest("[data-handle]");
  if (!handle || e.ctrlKey || e.metaKey) return;
  const li = handle.closest("li"), list = li.parentElement, all = lists(), rows = live(list), at = rows.indexOf(li);
  const up = e.key === "ArrowUp", down = e.key === "ArrowDown";
  if ((up || down) && (e.shiftKey || e.altKey)) {
    const to = at + (up ? -1 : 1);
    if (rows[to]) place(li, list, to);
  } else if (up || down) nudge(li, up ? -step : step);
  else if (e.key === "PageUp" || e.key === "PageDown") nudge(li, e.key === "PageUp" ? -30 : 30);
  else if (e.key === "ArrowLeft" || e.key === "ArrowRight") {
    const to = all[all.indexOf(list) + (e.key === "ArrowLeft" ? -1 : 1)];
    if (to) { toDay(li, to); sort(to); li.scrollIntoView({ block: "nearest" }); tell(li); changed(); }
  } else return;
  e.preventDefault();
  handle.focus({ preventScroll: true });
});

// dragging
let drag = null;
root.addEventListener("pointerdown", (e) => {
  const handle = e.target.closest("[data-handle]");
  if (!handle || e.button !== 0) return;
  drag = { li: handle.closest("li"), handle, x: e.clientX, y: e.clientY, on: false, mark: document.createElement("li"), list: null, at: 0 };
  drag.mark.className = "sessions__drop";
  drag.mark.setAttribute("aria-hidden", "true");
  handle.setPointerCapture(e.pointerId);
});
root.addEventListener("pointermove", (e) => {
  if (!drag) return;
  if (!drag.on && Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < 5) return;
  if (!drag.on) {
    drag.on = true;
    drag.li.classList.add("is-dragged");
    document.body.classList.add("is-dragging");
    scroll();
  }
  drag.y = e.clientY;
  aim();
});
function aim() {
  const y = drag.y, far = (list) => { const r = list.closest(".day").getBoundingClientRect(); return y < r.top ? r.top - y : y > r.bottom ? y - r.bottom : 0; };
  const list = lists().reduce((a, b) => (far(b) < far(a) ? b : a));
  const others = live(list).filter((li) => li !== drag.li);
  const at = others.filter((li) => { const r = li.getBoundingClientRect(); return y > r.top + r.height / 2; }).length;
  if (list === drag.list && at === drag.at && drag.mark.isConnected) return;
  drag.list = list;
  drag.at = at;
  const to = plan(drag.li, list, at).find((x) => x.li === drag.li);
  drag.mark.textContent = to ? range(to) : titleOf(drag.li);
  list.insertBefore(drag.mark, others[at] ?? null);
}
// Near the upper and lower edge the page moves on.
function scroll() {
  if (!drag?.on) return;
  const edge = 80, by = drag.y < edge ? -12 : drag.y > innerHeight - edge ? 12 : 0;
  if (by) { scrollBy(0, by); aim(); }
  requestAnimationFrame(scroll);
}
function drop(keep) {
  if (!drag) return;
  const { li, handle, on, mark, list, at } = drag;
  drag = null;
  mark.remove();
  li.classList.remove("is-dragged");
  document.body.classList.remove("is-dragging");
  if (!on || !keep || !list) return;
  if (list !== li.parentElement || live(list).indexOf(li) !== at) place(li, list, at);
  handle.focus({ preventScroll: true });
}
root.addEventListener("pointerup", () => drop(true));
root.addEventListener("pointercancel", () => drop(false));
document.addEventListener("keydown", (e) => { if (e.key === "Escape") drop(false); });

// typing
root.addEventListener("input", changed);
root.addEventListener("change", (e) => {
  const li = e.target.closest("li[data-n]");
  if (li && e.target === field(li, "day")) {
    const list = lists().find((x) => x.dataset.day === e.target.value);
    if (list) { toDay(li, list); sort(list); tell(li); }
  }
  changed();
});
root.addEventListener("focusout", (e) => {
  const li = e.target.closest("li[data-n]");
  if (li && e.relatedTarget && !li.contains(e.relatedTarget) && !drag) setTimeout(() => { if (li.isConnected) sort(li.parentElement); });
});

// What doesn't go together is asked of the server a moment after the last change.
let timer, asked;
function check() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    asked?.abort();
    asked = new AbortController();
    const body = new FormData(form());
    for (const name of [...body.keys()]) if (/_(description|title_|was)/.test(name)) body.delete(name);
    try {
      const answer = await fetch(root.dataset.check, { method: "POST", body: new URLSearchParams(body), signal: asked.signal });
      if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html").body);
    } catch { /* the next change asks again, and so does saving */ }
  }, 400);
}
function show(found) {
  const region = root.querySelector("[data-conflicts]");
  const lines = [...found.querySelectorAll("[data-rows]")].map((li) => ({ rows: li.dataset.rows.trim().split(" "), text: li.textContent }));
  const wrong = [...found.querySelectorAll("[data-field]")].map((p) => ({ name: p.dataset.field, text: p.textContent }));
  for (const p of found.querySelectorAll("[data-field]")) p.remove();
  if (region.innerHTML.trim() !== found.innerHTML.trim()) region.replaceChildren(...found.childNodes);
  for (const told of root.querySelectorAll("[data-told]")) {
    const n = told.closest("li").dataset.n, want = lines.filter((x) => x.rows.includes(n)).map((x) => x.text);
    if ([...told.children].map((x) => x.textContent).join("\n") === want.join("\n")) continue;
    told.replaceChildren(...want.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }
  for (const p of root.querySelectorAll("[data-live]")) {
    const input = p.parentElement.querySelector("input");
    p.parentElement.classList.remove("field--error");
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    p.remove();
  }
  for (const { name, text } of wrong) {
    const input = form().elements[name];
    if (!input || input.getAttribute("aria-invalid")) continue;
    const p = Object.assign(document.createElement("p"), { className: "error", id: input.id + "-e", textContent: text });
    p.dataset.live = "";
    input.before(p);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", p.id);
    input.parentElement.classList.add("field--error");
  }
}

// A button that changes rows is answered in place.
root.addEventListener("submit", async (e) => {
  const button = e.submitter;
  if (button?.name !== "do" || button.value === "usual") { dirty = false; return; }
  e.preventDefault();
  const body = new URLSearchParams(new FormData(form()));
  body.set("do", button.value);
  const open = [...root.querySelectorAll("details[open]")].map((d) => d.closest("li") && field(d.closest("li"), "code")?.value).filter(Boolean);
  root.inert = true; // nothing is typed into what is about to be replaced
  try {
    const answer = await fetch(location.pathname, { method: "POST", body });
    const next = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("programme");
    if (!next) throw new Error("no form");
    root.replaceChildren(...next.childNodes);
    root.inert = false;
  } catch {
    root.inert = false;
    form().append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: button.value }));
    dirty = false;
    form().submit();
    return;
  }
  dirty = true;
  ready();
  for (const li of root.querySelectorAll("li[data-n]")) if (open.includes(field(li, "code")?.value)) li.querySelector("details")?.setAttribute("open", "");
  const focus = root.querySelector("[data-focus]")?.dataset.focus;
  if (focus) document.getElementById(focus)?.focus();
  else if (button.value === "check") root.querySelector("[data-conflicts]").scrollIntoView({ block: "nearest" });
  else root.querySelector(`[name=do][value="${CSS.escape(button.value)}"]`)?.focus();
});

addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });

function ready() {
  for (const handle of root.querySelectorAll("[data-handle]")) handle.hidden = false;
  document.getElementById("moves").hidden = false;
  root.querySelector("[data-conflicts]").setAttribute("aria-live", "polite");
}
if (root) ready();
