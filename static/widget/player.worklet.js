// Invariant: the position reported for a turn counts only samples of that turn that were really rendered, and
// after `flush` or `hold` not one more sample of it is rendered.
//
// Turns are played in the order in which they came. Each has its own resampler and its own list of PCM blocks;
// a little of what was played is kept, so that a paused turn goes on where the caller stopped hearing it and not
// where the rendering had already got to.

/* global ContactCenterResampler, currentFrame, registerProcessor, sampleRate */

const RAMP = Math.round(sampleRate * 0.004); // 4 ms in and out: no clicks
const REPORT_EVERY = 1024; // output samples, about 21 ms
const HISTORY_S = 1; // of played audio kept for rewinding
const FEED = 1024; // source samples given to the resampler at once
const START_MS = 80; // jitter buffer: what is waited for before a turn starts
const START_MAX_MS = 300;
const JITTER_S = 0.2; // a gap shorter than this is the network's, a longer one is a voice that pauses
const LIVE_MAX_MS = 400; // a live voice further behind than this catches up

class Turn {
  constructor({ turn, rate, fromMs, live }) {
    this.turn = turn;
    this.rate = rate;
    this.live = live;
    this.offset = Math.round((fromMs * rate) / 1000); // source sample at which this stream of the turn begins
    this.blocks = []; // { at, samples }: `at` in source samples of the turn
    this.received = this.offset;
    this.fed = this.offset;
    this.start = this.offset; // where the resampler was last (re)started
    this.resampler = new ContactCenterResampler(rate, sampleRate);
    this.ended = false;
    this.flushed = false;
    this.dryAt = null; // when it last ran out before its end, in output samples
    this.jittered = false;
  }

  push(samples) {
    this.blocks.push({ at: this.received, samples });
    this.received += samples.length;
  }

  /** Source position of what was rendered last, in samples of the turn. */
  get position() {
    return Math.min(this.received, this.start + Math.floor((this.resampler.produced * this.rate) / sampleRate));
  }

  get ms() {
    return (this.position * 1000) / this.rate;
  }

  get bufferedMs() {
    return ((this.received - this.position) * 1000) / this.rate;
  }

  get done() {
    return this.ended && this.flushed && this.position >= this.received;
  }

  /** Goes on from this source sample (rewinding or skipping). */
  seek(sample) {
    const first = this.blocks.length ? this.blocks[0].at : this.received;
    this.start = Math.max(first, Math.min(this.received, sample));
    this.fed = this.start;
    this.flushed = false;
    this.resampler.reset();
  }

  #feed() {
    const block = this.blocks.find((b) => this.fed < b.at + b.samples.length);
    if (!block) {
      if (!this.ended || this.flushed) return false;
      this.resampler.flush();
      this.flushed = true;
      return true;
    }
    const from = this.fed - block.at;
    const piece = block.samples.subarray(from, from + FEED);
    this.resampler.write(piece);
    this.fed += piece.length;
    const keep = this.position - HISTORY_S * this.rate;
    while (this.blocks.length > 1 && this.blocks[0].at + this.blocks[0].samples.length < keep) this.blocks.shift();
    return true;
  }

  /** Makes sure that `count` output samples are there, as far as the source allows. */
  prepare(count) {
    while (this.resampler.available < count && this.#feed());
    const left = Math.ceil(((this.received - this.start) * sampleRate) / this.rate) - this.resampler.produced;
    return Math.max(0, Math.min(this.resampler.available, left));
  }
}

class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.turns = [];
    this.held = false;
    this.playing = false; // the turn in front has been started
    this.gain = 0;
    this.last = 0; // last sample put out: silence begins by letting it die away
    this.sinceReport = 0;
    this.target = START_MS;
    this.running = true;
    this.port.onmessage = ({ data }) => this[data.type]?.(data);
  }

  start({ turn, rate, fromMs, live, knownMs }) {
    // The same turn again, after a lost connection: what is still buffered of it is replaced, and what was
    // already rendered of it is not rendered twice.
    let heard = knownMs ?? 0;
    const again = this.turns.findIndex((t) => t.turn === turn && turn !== null);
    if (again >= 0) heard = this.turns.splice(again, 1)[0].ms;
    const fresh = new Turn({ turn, rate, fromMs: fromMs ?? heard, live });
    fresh.skipTo = Math.round((heard * rate) / 1000);
    this.turns.push(fresh);
    if (again === 0) this.playing = false;
  }

  push({ pcm }) {
    const turn = this.turns.at(-1);
    if (!turn || turn.ended) return;
    const raw = new Int16Array(pcm);
    const samples = new Float32Array(raw.length);
    for (let i = 0; i < raw.length; i += 1) samples[i] = raw[i] / 32768;
    turn.push(samples);
    this.#adapt(turn);
    if (turn.skipTo > turn.position) turn.seek(turn.skipTo);
  }

  #adapt(turn) {
    if (turn.dryAt === null) return;
    if ((currentFrame - turn.dryAt) / sampleRate < JITTER_S) {
      this.target = Math.min(START_MAX_MS, this.target + 40);
      turn.jittered = true;
      this.port.postMessage({ type: "underrun", turn: turn.turn, target: this.target });
    }
    turn.dryAt = null;
  }

  end({ turn }) {
    const found = this.turns.find((t) => t.turn === turn);
    if (found) found.ended = true;
  }

  flush() {
    const at = this.turns[0];
    this.port.postMessage({ type: "flushed", turn: at?.turn ?? null, ms: at?.ms ?? 0 });
    this.turns = [];
    this.playing = false;
    this.held = false;
  }

  hold() {
    this.held = true;
  }

  release({ rewindMs }) {
    const turn = this.turns[0];
    if (this.held && turn && rewindMs > 0) turn.seek(Math.max(turn.offset, turn.position - Math.round((rewindMs * turn.rate) / 1000)));
    this.held = false;
  }

  stop() {
    this.running = false;
  }

  /** Whether the turn in front may be heard now: the jitter buffer's rule. */
  #ready(turn) {
    if (this.playing) return true;
    if (turn.bufferedMs < this.target && !turn.ended) return false;
    if (turn.received === turn.offset) return turn.ended; // nothing in it
    this.playing = true;
    return true;
  }

  process(_inputs, outputs) {
    const out = outputs[0][0];
    let filled = 0;
    const turn = this.turns[0];
    if (turn && !this.held && this.#ready(turn)) filled = this.#render(turn, out);
    for (let i = filled; i < out.length; i += 1) {
      this.last *= 0.97; // dies away within 4 ms
      if (Math.abs(this.last) < 1e-5) this.last = 0;
      out[i] = this.last;
    }
    if (filled < out.length) this.gain = 0;
    for (let c = 1; c < outputs[0].length; c += 1) outputs[0][c].set(out);
    this.sinceReport += out.length;
    if (this.sinceReport >= REPORT_EVERY) this.#report();
    return this.running;
  }

  #render(turn, out) {
    if (turn.live && turn.bufferedMs > LIVE_MAX_MS) turn.seek(turn.received - Math.round((this.target * turn.rate) / 1000));
    const have = turn.prepare(out.length + RAMP);
    // Running dry before the end: fade over the last samples instead of stopping in mid-wave.
    const fading = !turn.ended && have < out.length + RAMP;
    const count = turn.resampler.read(out, 0, Math.min(out.length, have));
    for (let i = 0; i < count; i += 1) {
      this.gain = fading ? Math.max(0, this.gain - 1 / RAMP) : Math.min(1, this.gain + 1 / RAMP);
      out[i] *= this.gain;
    }
    if (count > 0) this.last = out[count - 1];
    if (turn.done || (turn.ended && turn.received === turn.offset)) this.#finish(turn);
    else if (fading && count < out.length) this.#dry(turn);
    return count;
  }

  #dry(turn) {
    this.playing = false;
    turn.dryAt = currentFrame;
  }

  #finish(turn) {
    if (!turn.jittered) this.target = Math.max(START_MS, this.target - 20);
    this.port.postMessage({ type: "drained", turn: turn.turn, ms: turn.ms });
    this.turns.shift();
    this.playing = false;
  }

  #report() {
    this.sinceReport = 0;
    const turn = this.turns[0];
    const audible = Boolean(turn && this.playing && !this.held);
    this.port.postMessage({ type: "tick", turn: turn?.turn ?? null, ms: turn?.ms ?? 0, audible });
  }
}

registerProcessor("contactcenter-player", Player);
