// Sends the file of form[data-upload] in parts: a line that dies, or a page that is loaded again, costs one part. The file is
// announced with what the form says of it; whoever announces the same file again goes on where it stopped. Without this
// script the form sends smaller files whole.
const form = document.querySelector("form[data-upload]");
const words = form.dataset, state = form.querySelector("[data-upload-state]");
const bar = state.querySelector("progress"), told = state.querySelector("p");
const input = form.elements.file, button = form.querySelector(".onward button");

class Refused extends Error {}

// Without a file, the field says so, until one is chosen.
const described = input.getAttribute("aria-describedby") ?? "";
const none = Object.assign(document.createElement("p"), { className: "error", id: "f-file-none", textContent: words.none });
const wantFile = () => {
  input.closest(".field").classList.add("field--error");
  input.before(none);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `${described} ${none.id}`.trim());
  input.focus();
};
input.addEventListener("change", () => {
  if (!none.isConnected) return;
  none.remove();
  input.closest(".field").classList.remove("field--error");
  input.removeAttribute("aria-invalid");
  input.setAttribute("aria-describedby", described);
});

const megabyte = (n) => String(Math.max(n > 0 ? 1 : 0, Math.round(n / 1048576)));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

let spoken = 0;
const say = (text, error) => { told.textContent = text; told.className = error ? "error" : ""; spoken = Date.now(); };
const show = (sent, all) => {
  bar.value = all ? Math.floor((sent * 100) / all) : 0;
  if (Date.now() - spoken > 2000 || sent === 0) say(fill(words.sending, { percent: bar.value, sent: megabyte(sent), all: megabyte(all) }));
};

// By its name, size, age and first and last bytes a file is known again; not every browser can digest.
const fingerprint = async (file) => {
  const parts = [file.lastModified];
  if (globalThis.crypto?.subtle) {
    const ends = await new Blob([file.slice(0, 65536), file.slice(-65536)]).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", ends));
    parts.push([...digest.slice(0, 16)].map((b) => b.toString(16).padStart(2, "0")).join(""));
  }
  return parts.join(" ");
};

const ask = async (path, method, body, headers) => {
  const answer = await fetch(words.upload + path, { method, body, headers: { Accept: "application/json", "X-CSRF-Token": form.elements._csrf.value, ...headers } });
  if (answer.status === 409 && answer.headers.has("Upload-Offset")) return { offset: Number(answer.headers.get("Upload-Offset")) };
  if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status)); // it may go on later
  const said = await answer.json();
  if (!answer.ok) throw new Refused(Object.values(said.fields ?? {}).join(" ") || said.message);
  return said;
};

// again does something until it succeeds: a dead line comes back some time.
const again = async (what) => {
  for (let pause = 1; ; pause = Math.min(30, pause * 2)) {
    try {
      return await what();
    } catch (e) {
      if (e instanceof Refused) throw e;
      say(fill(words.waiting, { percent: bar.value }));
      const back = new Promise((go) => { setTimeout(go, pause * 1000); addEventListener("online", go, { once: true }); });
      await back;
    }
  }
};

const facts = () => {
  const all = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "_csrf") all.append(name, value);
  return all;
};

const send = async (file) => {
  const announced = facts();
  announced.set("name", file.name);
  announced.set("size", file.size);
  announced.set("fingerprint", await fingerprint(file));
  let { code, offset } = await again(() => ask("", "POST", announced));
  if (offset > 0) say(fill(words.resumed, { sent: megabyte(offset) }));
  while (offset < file.size) {
    show(offset, file.size);
    const from = offset;
    const part = await file.slice(from, from + Number(words.chunk)).arrayBuffer().catch(() => { throw new Refused(words.failed); });
    let failed = false;
    ({ offset } = await again(async () => {
      if (failed) return ask("/" + code, "GET"); // what came of it?
      try { return await ask("/" + code, "PATCH", part, { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(from) }); } catch (e) { failed = true; throw e; }
    }));
  }
  bar.value = 100;
  say(words.checking);
  const { location: next } = await again(() => ask(`/${code}/finish`, "POST", facts()));
  try { sessionStorage.removeItem("draft " + words.draft); } catch { /* nothing is kept then */ }
  return next;
};

const stay = (e) => e.preventDefault();

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  e.stopImmediatePropagation();
  if (button.disabled) return;
  const file = input.files[0];
  if (!file) { wantFile(); return; }
  state.hidden = false;
  button.disabled = true;
  addEventListener("beforeunload", stay);
  spoken = 0;
  bar.value = 0;
  try {
    const next = await send(file);
    removeEventListener("beforeunload", stay);
    location.assign(next);
  } catch (problem) {
    say(problem instanceof Refused ? problem.message : words.failed, true);
    input.focus();
    button.disabled = false;
  }
  removeEventListener("beforeunload", stay);
});
