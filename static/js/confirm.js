// A button or form with data-confirm asks with that sentence first, in a dialog of its own. The words of the buttons
// stand in data-confirm-yes and data-confirm-no. Without this script the form goes to a page that asks.
document.addEventListener("submit", (e) => {
  const asked = e.submitter?.dataset.confirm ? e.submitter : e.target;
  if (!asked.dataset.confirm || asked.dataset.confirmed) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const text = document.createElement("p");
  text.textContent = asked.dataset.confirm;
  const row = document.createElement("form");
  row.method = "dialog";
  row.className = "row";
  for (const [value, words, look] of [["yes", asked.dataset.confirmYes, "button button--stop"], ["no", asked.dataset.confirmNo, "button"]]) {
    const button = document.createElement("button");
    button.value = value;
    button.className = look;
    button.textContent = words;
    row.append(button);
  }
  dialog.append(text, row);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return;
    asked.dataset.confirmed = "yes";
    e.target.requestSubmit(e.submitter ?? undefined);
    delete asked.dataset.confirmed;
  });
  document.body.append(dialog);
  dialog.showModal();
}, true);
