// The selection board, quicker: rows are ticked and decided by keys, and what a decision would change is seen before.
// Without this script the board is a form.
const form = document.getElementById("decide");
const rows = form ? [...form.querySelectorAll("tbody tr")] : [];
const box = (row) => row.querySelector("input[name=who]");
let here = -1;

const picked = () => rows.filter((row) => box(row)?.checked);

// The bars show beside who is approved how many of those who are ticked would come.
const bars = [...document.querySelectorAll(".dock table[data-facet]")].map((table) => {
  const lines = [...table.querySelectorAll("tr")].map((tr) => ({ tr, n: Number(tr.dataset.n), value: tr.dataset.value, fill: tr.querySelector(".meter__fill"), count: tr.querySelector("[data-count]") }));
  return { facet: table.dataset.facet, lines };
});

function preview(list) {
  for (const { facet, lines } of bars) {
    const more = new Map();
    for (const row of list) if (row.dataset.status !== "approved") more.set(row.dataset[facet], (more.get(row.dataset[facet]) ?? 0) + 1);
    const longest = Math.max(1, ...lines.map((l) => l.n + (more.get(l.value) ?? 0)));
    for (const l of lines) {
      const plus = more.get(l.value) ?? 0;
      l.fill.setAttribute("width", (100 * l.n) / longest);
      let rect = l.tr.querySelector(".meter__more");
      if (!rect && plus) {
        rect = l.fill.cloneNode();
        rect.setAttribute("class", "meter__more");
        l.fill.after(rect);
      }
      rect?.setAttribute("x", (100 * l.n) / longest);
      rect?.setAttribute("width", (100 * plus) / longest);
      l.count.dataset.plain ??= l.count.textContent;
      l.count.textContent = plus ? `${l.count.dataset.plain} +${plus}` : l.count.dataset.plain;
    }
  }
}

function update() {
  const list = picked();
  for (const row of rows) row.classList.toggle("is-picked", box(row)?.checked === true);
  const told = form.querySelector("[data-picked]");
  if (told) {
    told.hidden = list.length === 0;
    told.querySelector("[data-picked-n]").textContent = list.length;
  }
  if (all) {
    all.checked = list.length === rows.length;
    all.indeterminate = list.length > 0 && list.length < rows.length;
  }
  preview(list);
}

function go(to) {
  if (rows.length === 0) return;
  rows[here]?.classList.remove("is-here");
  here = Math.max(0, Math.min(rows.length - 1, to));
  rows[here].classList.add("is-here");
  const link = rows[here].querySelector("th a");
  link?.focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}

// Nothing ticked: the key is meant for the row one stands on.
function decide(what) {
  if (picked().length === 0 && here >= 0 && box(rows[here])) box(rows[here]).checked = true;
  if (picked().length === 0) return;
  update();
  form.requestSubmit(form.querySelector(`button[name=do][value=${what}]`));
}

const all = form?.querySelector("[data-pick-all] input");
if (form && rows.length > 0) {
  const label = form.querySelector("[data-pick-all]");
  if (label) label.hidden = false;
  all?.addEventListener("change", () => { for (const row of rows) if (box(row)) box(row).checked = all.checked; update(); });
  form.addEventListener("change", update);
  const keys = form.querySelector("[data-keys]");
  const on = form.querySelector("[data-keys-on]");
  if (keys && on) {
    keys.hidden = false;
    try { on.checked = localStorage.getItem("desk keys") !== "off"; } catch { /* kept for this page only */ }
    on.addEventListener("change", () => { try { localStorage.setItem("desk keys", on.checked ? "on" : "off"); } catch { /* kept for this page only */ } });
    const acts = {
      j: () => go(here + 1), k: () => go(here - 1), x: () => { const b = rows[here] && box(rows[here]); if (b) { b.checked = !b.checked; update(); } },
      a: () => decide("approve"), w: () => decide("wait"), r: () => decide("reject"), "/": () => document.getElementById("q")?.focus(),
    };
    document.addEventListener("keydown", (e) => {
      const typing = e.target.closest("textarea, select, input:not([type=checkbox])");
      if (!on.checked || typing || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]") || !acts[e.key]) return;
      e.preventDefault();
      acts[e.key]();
    });
  }
  update();
}
