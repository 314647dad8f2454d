// Keeps what is typed into form[data-draft="name"] in this tab until the form is sent: a reload or a closed lid loses
// nothing. Only this tab's storage is used, because office computers are shared. Passwords and files are never kept.
const kept = (field) => field.name && !field.name.startsWith("_") && !["password", "file", "hidden", "submit"].includes(field.type);

for (const form of document.querySelectorAll("form[data-draft]")) {
  const key = "draft " + form.dataset.draft;
  const fields = () => [...form.elements].filter(kept);
  const read = () => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };
  const write = () => {
    const values = fields().map((f) => [f.name, f.value, f.checked === true]);
    try { sessionStorage.setItem(key, JSON.stringify(values)); } catch { return; }
    const told = form.querySelector("[data-draft-kept]");
    if (told) told.hidden = false;
  };

  // A form that the server has filled knows better than the draft.
  const stored = read();
  const untouched = fields().every((f) => (f.type === "checkbox" || f.type === "radio" ? f.checked === f.defaultChecked : f.tagName === "SELECT" || f.value === ""));
  if (stored && untouched && !document.getElementById("errors")) {
    const left = [...stored];
    for (const f of fields()) {
      const choice = f.type === "checkbox" || f.type === "radio";
      const i = left.findIndex(([name, value]) => name === f.name && (!choice || value === f.value));
      if (i < 0) continue;
      const [, value, checked] = left.splice(i, 1)[0];
      if (choice) f.checked = checked; else f.value = value;
      f.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  form.addEventListener("input", write);
  form.addEventListener("change", write);
}

// The page after the last step says that nothing needs to be kept any more: <body data-draft-done="name">.
const done = document.querySelector("[data-draft-done]");
if (done) sessionStorage.removeItem("draft " + done.dataset.draftDone);
