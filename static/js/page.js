// What every page gains from a script. Each of them works without.

// The language menu closes with Escape and by a click elsewhere.
for (const menu of document.querySelectorAll("details.tongue")) {
  document.addEventListener("click", (e) => { if (!menu.contains(e.target)) menu.open = false; });
  menu.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// Where tabs don't fit side by side, the current one is in view.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.parentElement, space = row.clientWidth - tab.offsetWidth;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - space / 2;
}

// After an error the summary is where reading goes on.
document.getElementById("errors")?.focus();

// A form is sent once, however often its button is pressed; coming back to the page it can be sent again.
const sent = new WeakSet();
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.getAttribute("method") !== "post" || e.defaultPrevented) return;
  if (sent.has(form)) { e.preventDefault(); return; }
  sent.add(form);
  setTimeout(() => sent.delete(form), 8000);
});
addEventListener("pageshow", (e) => { if (e.persisted) for (const form of document.forms) sent.delete(form); });

// Modules that only some pages need.
if (document.querySelector("form[data-draft]")) import("./draft.js");
if (document.querySelector("[data-confirm]")) import("./confirm.js");
if (document.querySelector("form[data-passkey]")) import("./passkey.js");
if (document.querySelector("[data-print]")) import("./print.js");
