import type { Alert } from '../../../src/alerts/index.ts';

/** Two short tones, Hz; no others for a while. */
const tonesHz = [880, 1175] as const;
const toneS = 0.09;
const loudness = 0.2;
const quietMs = 500;

/** Announces alerts by sound and, where the browser was allowed to, by a notification. */
export class Bell {
  #context: AudioContext | null = null;
  #rangAtMs = Number.NEGATIVE_INFINITY;

  /** Rings; a browser lets a page be heard only after a click or key in it. */
  ring(): void {
    if (performance.now() - this.#rangAtMs < quietMs) return;
    this.#rangAtMs = performance.now();
    this.#context ??= new AudioContext();
    const context = this.#context;
    void context.resume();
    for (const [index, hz] of tonesHz.entries()) {
      const startS = context.currentTime + index * toneS;
      const tone = new OscillatorNode(context, { frequency: hz });
      const gain = new GainNode(context, { gain: 0 });
      // Without a ramp the tone would click.
      gain.gain.setValueAtTime(0, startS);
      gain.gain.linearRampToValueAtTime(loudness, startS + 0.01);
      gain.gain.linearRampToValueAtTime(0, startS + toneS);
      tone.connect(gain).connect(context.destination);
      tone.start(startS);
      tone.stop(startS + toneS);
    }
  }

  notify({ key, text, symbol, replay }: Alert): void {
    if (globalThis.Notification?.permission !== 'granted') return;
    new Notification(`${symbol}${replay ? ' (replay)' : ''}`, { body: text, tag: key });
  }
}
