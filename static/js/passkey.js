// Passkeys. form[data-passkey="get"] asks this browser for one, "create" makes one; the options come from the address in
// data-ask, and what the browser answers is sent with the form, in its field "answer". Where a browser knows no passkeys
// the forms stay hidden.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => list?.map((c) => ({ ...c, id: bytes(c.id) }));

async function options(form) {
  const answer = await fetch(form.dataset.ask, {
    method: "POST", headers: { "X-CSRF-Token": form.elements._csrf.value, Accept: "application/json" }, credentials: "same-origin",
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.message);
  return told;
}

async function ask(form) {
  const o = await options(form);
  o.challenge = bytes(o.challenge);
  if (form.dataset.passkey === "create") {
    o.user.id = bytes(o.user.id);
    o.excludeCredentials = known(o.excludeCredentials);
    return navigator.credentials.create({ publicKey: o });
  }
  o.allowCredentials = known(o.allowCredentials);
  return navigator.credentials.get({ publicKey: o });
}

function written(credential) {
  const r = credential.response, response = { clientDataJSON: text(r.clientDataJSON) };
  if (r.attestationObject) {
    response.attestationObject = text(r.attestationObject);
    response.transports = r.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(r.authenticatorData);
    response.signature = text(r.signature);
    if (r.userHandle) response.userHandle = text(r.userHandle);
  }
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined, clientExtensionResults: credential.getClientExtensionResults(),
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential || !navigator.credentials) continue;
  form.hidden = false;
  const button = form.querySelector("button"), failed = form.querySelector("[data-passkey-failed]");
  form.addEventListener("submit", async (e) => {
    if (form.elements.answer.value) return;
    e.preventDefault();
    failed.hidden = true;
    button.disabled = true;
    try {
      form.elements.answer.value = written(await ask(form));
      button.disabled = false;
      form.requestSubmit(button);
    } catch (error) {
      failed.textContent = error instanceof DOMException || !error.message ? failed.dataset.passkeyFailed : error.message;
      failed.hidden = false;
      button.disabled = false;
    }
  });
}

// Coming back to the page asks anew.
addEventListener("pageshow", (e) => { if (e.persisted) for (const form of document.querySelectorAll("form[data-passkey]")) form.elements.answer.value = ""; });
