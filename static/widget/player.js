// Invariant: `played` never claims a millisecond that has not left the loudspeaker, and the last `played` of a
// turn that was heard to its end is exactly its length.
//
// Positions come from the worklet's own sample count. What is heard now is what was rendered `latency` ago, so a
// short history of (time, position) pairs is kept and looked up there.

import { loopbackNeeded, Output } from "./output.js";

const ACK_EVERY_MS = 240; // about four a second
const MEASURE_EVERY_MS = 2000;

export class Player extends EventTarget {
  /** @param {(ack: {turn: number, ms: number}) => void} acknowledge */
  constructor({ context, acknowledge, route }) {
    super();
    this.context = context;
    this.acknowledge = acknowledge;
    this.route = route;
    this.output = new Output(context);
    this.rate = 16000;
    this.open = null; // the turn whose audio is arriving
    this.stale = false; // after an interrupt, until the next start
    this.heard = { turn: null, ms: 0 };
    this.ends = []; // turns rendered to their end and not yet heard to it: { turn, ms, at }
    this.trail = []; // { at, turn, ms }
    this.lastAck = 0;
    this.lastMeasure = 0;
    this.audible = false;
    this.human = false;
    this.received = { bytes: 0, turn: null };
    this.held = false;
  }

  async prepare({ track, wish }) {
    await this.context.audioWorklet.addModule(new URL("player.worklet.js", this.route));
    this.node = new AudioWorkletNode(this.context, "contactcenter-player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    this.node.port.onmessage = ({ data }) => this.#report(data);
    await this.output.connect(this.node, { loopback: loopbackNeeded(track, wish) });
  }

  /** @param {number} rate of the PCM that the server sends, Hz */
  setRate(rate) {
    this.rate = rate;
  }

  start(turn, fromMs = null) {
    this.stale = false;
    this.open = turn;
    this.ends = this.ends.filter((end) => end.turn !== turn);
    const knownMs = this.heard.turn === turn ? this.heard.ms : null;
    this.#post({ type: "start", turn, rate: this.rate, fromMs, knownMs, live: false });
    this.output.open();
  }

  /** A person speaks from now on: audio comes without turns around it. */
  setHuman(name) {
    this.human = Boolean(name);
    this.open = null;
    this.live = false;
  }

  push(pcm) {
    if (this.stale || (this.open === null && !this.human)) return;
    if (this.open === null && !this.live) {
      this.live = true;
      this.#post({ type: "start", turn: null, rate: this.rate, fromMs: 0, live: true });
      this.output.open();
    }
    this.#post({ type: "push", pcm }, [pcm]);
  }

  end(turn) {
    if (this.open === turn) this.open = null;
    this.#post({ type: "end", turn });
  }

  /** Drops everything, now, and acknowledges what had been heard of it. */
  interrupt() {
    this.stale = true;
    this.open = null;
    this.live = false;
    this.held = false;
    this.output.cut();
    this.#post({ type: "flush" });
    this.#settle(performance.now());
    if (this.heard.turn !== null) this.#ack(performance.now());
    this.ends = [];
    this.trail = [];
    this.#setAudible(false);
  }

  pause() {
    if (this.held) return;
    this.held = true;
    this.output.cut();
    this.#post({ type: "hold" });
    this.#setAudible(false);
  }

  resume() {
    if (!this.held) return;
    this.held = false;
    // The loopback's content was silenced unheard: go back by as much.
    this.#post({ type: "release", rewindMs: this.output.loopbackMs });
    this.output.open();
    this.trail = [];
  }

  /** What has been heard of the newest turn: told to the server when a lost call is resumed. */
  position() {
    this.#settle(performance.now());
    return this.heard.turn === null ? null : { turn: this.heard.turn, ms: Math.round(this.heard.ms) };
  }

  #post(message, transfer = []) {
    this.node?.port.postMessage(message, transfer);
  }

  #report(data) {
    const now = performance.now();
    if (data.type === "drained") {
      if (data.turn !== null) this.ends.push({ turn: data.turn, ms: data.ms, at: now + this.output.latencyMs });
      return;
    }
    if (data.type === "flushed") {
      this.dispatchEvent(new Event("flushed"));
      return;
    }
    if (data.type !== "tick") return;
    this.output.tick(now);
    if (data.turn !== null && !this.held) this.trail.push({ at: now, turn: data.turn, ms: data.ms });
    while (this.trail.length > 120) this.trail.shift();
    this.#settle(now);
    this.#setAudible(data.audible || this.ends.length > 0);
    if (this.heard.turn !== null && this.heard.ms > this.acked && now - this.lastAck >= ACK_EVERY_MS) this.#ack(now);
    if (now - this.lastMeasure > MEASURE_EVERY_MS) {
      this.lastMeasure = now;
      this.output.measure().catch(() => {});
    }
  }

  /** Brings `heard` up to what has left the loudspeaker by now; turns heard to their end are acknowledged whole. */
  #settle(now) {
    while (this.ends.length && now >= this.ends[0].at) {
      const { turn, ms } = this.ends.shift();
      this.heard = { turn, ms };
      this.#ack(now);
      this.trail = this.trail.filter((point) => point.turn !== turn);
    }
    const moment = now - this.output.latencyMs;
    let before = null;
    for (const point of this.trail) {
      if (point.at > moment) {
        if (before && before.turn === point.turn) {
          const share = (moment - before.at) / (point.at - before.at);
          this.#advance(point.turn, before.ms + share * (point.ms - before.ms));
        }
        break;
      }
      before = point;
      this.#advance(point.turn, point.ms);
    }
  }

  #advance(turn, ms) {
    if (this.heard.turn !== turn) {
      // The end of the turn before is acknowledged first, or it would look cut short.
      const end = this.ends.findIndex((e) => e.turn === this.heard.turn);
      if (end >= 0) {
        this.heard = this.ends.splice(end, 1)[0];
        this.#ack(performance.now());
      }
      this.heard = { turn, ms: 0 };
      this.acked = 0;
    }
    if (ms > this.heard.ms) this.heard.ms = ms;
  }

  #ack(now) {
    const ms = Math.round(this.heard.ms);
    this.lastAck = now;
    this.acked = this.heard.ms;
    this.acknowledge({ turn: this.heard.turn, ms });
  }

  #setAudible(audible) {
    if (audible === this.audible) return;
    this.audible = audible;
    this.dispatchEvent(new Event("audible"));
  }

  close() {
    this.#post({ type: "stop" });
    this.node?.disconnect();
    this.output.close();
  }
}

/** Stands in where a browser can't play the voice: sentences are shown instead, and shown counts as heard. */
export class Captions extends EventTarget {
  constructor({ acknowledge }) {
    super();
    this.acknowledge = acknowledge;
    this.rate = 16000;
    this.turn = null;
    this.samples = 0;
    this.audible = false;
    this.output = { kind: "captions", latencyMs: 0, revive: async () => {} };
  }

  async prepare() {}

  setRate(rate) {
    this.rate = rate;
  }

  start(turn, fromMs = null) {
    this.turn = turn;
    this.samples = Math.round(((fromMs ?? 0) * this.rate) / 1000);
  }

  setHuman() {}

  push(pcm) {
    if (this.turn !== null) this.samples += pcm.byteLength / 2;
  }

  end(turn) {
    if (this.turn !== turn) return;
    this.acknowledge(this.position());
    this.turn = null;
  }

  interrupt() {
    this.turn = null;
  }

  pause() {}

  resume() {}

  position() {
    return this.turn === null ? null : { turn: this.turn, ms: Math.round((this.samples * 1000) / this.rate) };
  }

  close() {}
}
