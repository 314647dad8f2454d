// The registration form: the certificate's name as it will be printed, institutions to choose from, what a quiet
// person can't consent to, and when the draft was last kept. Each step works without.
const part = (name) => document.querySelector(`[data-part="${name}"]`);

const printed = document.querySelector("[data-printed]");
if (printed) {
  const show = () => {
    const own = part("certificate").value.trim();
    const both = `${part("given").value.trim()} ${part("family").value.trim()}`.trim();
    printed.textContent = own || both || "…";
  };
  for (const name of ["given", "family", "certificate"]) part(name).addEventListener("input", show);
  show();
}

const list = document.getElementById("institutions");
if (list) {
  const refresh = async () => {
    const query = new URLSearchParams({ type: part("type").value, country: part("country").value });
    try {
      const answer = await fetch("/institutions?" + query);
      if (!answer.ok) return;
      list.replaceChildren(...(await answer.json()).map((name) => new Option("", name)));
    } catch { /* the field takes any text */ }
  };
  for (const name of ["type", "country"]) part(name).addEventListener("change", refresh);
}

const quiet = part("quiet");
if (quiet) {
  const exclude = () => {
    for (const name of ["consent_list", "consent_photo"]) {
      const box = part(name);
      if (quiet.checked) box.checked = false;
      box.disabled = quiet.checked;
    }
  };
  quiet.addEventListener("change", exclude);
  exclude();
}

const time = document.querySelector("[data-kept-time]");
if (time) {
  const clock = new Intl.DateTimeFormat("de", { hour: "2-digit", minute: "2-digit" });
  time.closest("form").addEventListener("input", () => { time.textContent = clock.format(new Date()); });
}

// Once the registration is in, its drafts are of no more use.
const done = document.querySelector("[data-draft-done]");
if (done) {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(`draft ${done.dataset.draftDone} `)) sessionStorage.removeItem(key);
  } catch { /* nothing is kept then */ }
}
