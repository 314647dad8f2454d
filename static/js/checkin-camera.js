// The camera and what reads QR codes in its picture: the browser's own detector where there is one, else the one that
// is vendored here.
const pause = 120;   // ms between two looks
const gone = 2500;   // ms that a code must have been out of sight before it counts again

async function detector(wasm) {
  const formats = ["qr_code"];
  try {
    if ((await window.BarcodeDetector?.getSupportedFormats())?.includes("qr_code")) return new window.BarcodeDetector({ formats });
  } catch { /* then the vendored one */ }
  const { BarcodeDetector, prepareZXingModule } = await import("../vendor/barcode-detector.js");
  prepareZXingModule({ overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? wasm : prefix + path) }, fireImmediately: true });
  return new BarcodeDetector({ formats });
}

export class Camera {
  constructor(video, wasm, found) {
    this.video = video;
    this.wasm = wasm;
    this.found = found;
    this.seen = new Map();
    this.on = false;
  }

  // start asks for the camera and begins to look. It throws if there is none, or if it may not be used.
  async start(id) {
    this.stop();
    const media = { audio: false, video: { width: { ideal: 1280 }, height: { ideal: 720 }, ...(id ? { deviceId: { exact: id } } : { facingMode: "environment" }) } };
    this.stream = await navigator.mediaDevices.getUserMedia(media);
    this.video.srcObject = this.stream;
    await this.video.play();
    this.reader ??= await detector(this.wasm);
    this.on = true;
    this.look();
    this.stayAwake();
  }

  stop() {
    this.on = false;
    clearTimeout(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }

  track() { return this.stream?.getVideoTracks()[0]; }

  ended() { return this.on && this.track()?.readyState === "ended"; }

  hasLight() { return Boolean(this.track()?.getCapabilities?.().torch); }

  light(on) { return this.track()?.applyConstraints({ advanced: [{ torch: on }] }); }

  async cameras() { return (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "videoinput"); }

  // next starts the camera after the one that is used.
  async next() {
    const all = await this.cameras();
    const at = all.findIndex((d) => d.deviceId === this.track()?.getSettings().deviceId);
    await this.start(all[(at + 1) % all.length]?.deviceId);
  }

  async stayAwake() {
    try { await navigator.wakeLock?.request("screen"); } catch { /* the screen goes dark as it always does */ }
  }

  async look() {
    if (!this.on) return;
    try {
      if (this.video.readyState >= 2 && !document.hidden) this.tell(await this.reader.detect(this.video));
    } catch (e) {
      if (e.name !== "InvalidStateError") console.warn(e);
    }
    this.timer = setTimeout(() => this.look(), pause);
  }

  tell(codes) {
    const now = Date.now();
    for (const { rawValue } of codes) {
      const before = this.seen.get(rawValue) ?? 0;
      if (now - before > gone && this.found(rawValue) === false) continue; // busy: it counts at the next look
      this.seen.set(rawValue, now);
    }
  }

  // forget lets the same code count at once, as after an undo.
  forget() { this.seen.clear(); }
}
