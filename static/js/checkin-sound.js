// What an answer sounds and feels like: a rising pair for yes, one even tone for "already", a low pair for no. A
// browser lets a page sound only after a touch.
const tunes = { go: [[880, 0, .12], [1320, .13, .18]], wait: [[660, 0, .3]], stop: [[220, 0, .28], [165, .32, .45]] };
const shakes = { go: [60], wait: [60, 80, 60], stop: [320, 120, 320] };
let audio;

export function touch() {
  if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
  } catch { /* a phone without sound still shows and shakes */ }
}

export function sound(tone) {
  navigator.vibrate?.(shakes[tone] ?? []);
  if (!audio || audio.state !== "running") return;
  for (const [pitch, after, lasts] of tunes[tone] ?? []) {
    const voice = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + after;
    voice.frequency.value = pitch;
    volume.gain.setValueAtTime(.25, at);
    volume.gain.exponentialRampToValueAtTime(.001, at + lasts);
    voice.connect(volume).connect(audio.destination);
    voice.start(at);
    voice.stop(at + lasts);
  }
}
