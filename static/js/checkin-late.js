// The page of a link whose day is over: what this phone couldn't send on that day is sent now.
import { Queue } from "./checkin-queue.js";

const main = document.querySelector("[data-late]");
const queue = new Queue(`attesta check-in ${main.dataset.state}`);
const line = document.querySelector("[data-waiting]");

function say() {
  line.hidden = !queue.length && line.hidden;
  line.querySelector("b").textContent = new Intl.NumberFormat(main.dataset.lang).format(queue.length);
}

async function send(entry) {
  try {
    const res = await fetch(`${main.dataset.late}/marks`, {
      method: "POST", body: JSON.stringify(entry), signal: AbortSignal.timeout(8000), cache: "no-store",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": main.dataset.token },
    });
    return res.ok ? await res.json() : null;
  } catch { return null; }
}

async function flush() {
  await queue.flush(send, say);
  say();
}

say();
flush();
setInterval(flush, 15000);
addEventListener("online", flush);
