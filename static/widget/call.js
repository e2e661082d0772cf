// Invariant: one Call is one conversation, from the click to the end screen; it owns its sound and its socket and
// releases both however it ends. It tells what happened as `change` events and never touches the page.

import { Connection } from "./connection.js";
import { Microphone, microphoneAsk, microphoneObstacle, microphoneProblem } from "./microphone.js";
import { Captions, Player } from "./player.js";

const HANGUP_GRACE_MS = 1500;

export class Call extends EventTarget {
  /** @param {{config: object, typed: boolean}} options `typed`: a call without a microphone */
  constructor({ config, typed }) {
    super();
    this.config = config;
    this.typed = typed;
    this.phase = "idle"; // asking, connecting, active, over
    this.state = "listening";
    this.human = null;
    this.muted = false;
    this.lost = null; // { until } while the connection is away
    this.startedAt = null;
    this.reason = null;
  }

  /** Must run inside the click: sound and microphone need it. */
  async start() {
    this.#phase("asking");
    const stream = this.typed ? null : await this.#ask();
    if (this.phase === "over") {
      stream?.getTracks().forEach((track) => track.stop());
      return;
    }
    if (!this.typed && !stream) return;
    this.stream = stream;
    try {
      await this.#sound(stream);
    } catch (error) {
      console.error("[contact-center] sound could not be started:", error);
      this.#refuse("sound_failed");
      return;
    }
    if (this.phase === "over") {
      this.#release();
      return;
    }
    this.#phase("connecting");
    this.#connect();
  }

  async #ask() {
    const obstacle = microphoneObstacle();
    if (obstacle) {
      this.#refuse(obstacle);
      return null;
    }
    this.#context();
    try {
      return await microphoneAsk();
    } catch (error) {
      this.#refuse(microphoneProblem(error));
      return null;
    }
  }

  #context() {
    if (this.context || typeof AudioContext === "undefined") return;
    if (navigator.audioSession) navigator.audioSession.type = "play-and-record"; // Safari: the call's loudness
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.context.onstatechange = () => this.#change("sound");
    this.context.resume().catch(() => {}); // shown as a "tap for sound" notice while it isn't running
  }

  async #sound(stream) {
    const acknowledge = ({ turn, ms }) => this.connection?.send({ type: "played", turn, ms });
    this.#context();
    const route = this.config.base;
    if (this.context?.audioWorklet) {
      await this.context.audioWorklet.addModule(new URL("resampler.worklet.js", route));
      this.player = new Player({ context: this.context, acknowledge, route });
    } else this.player = new Captions({ acknowledge });
    await this.player.prepare({ track: stream?.getAudioTracks()[0] ?? null, wish: this.config.output });
    this.player.addEventListener("audible", () => this.#change("speaker"));
    if (!stream) return;
    this.microphone = new Microphone({
      context: this.context,
      stream,
      route,
      deliver: (pcm) => this.connection?.sendAudio(pcm),
    });
    await this.microphone.prepare();
    this.microphone.addEventListener("change", ({ detail }) => this.#change("microphone", detail));
  }

  #connect() {
    const connection = new Connection({
      url: this.config.socket,
      hello: async () => ({ ...(await this.config.identity()), sample_rate: 16000 }),
      position: () => this.player.position(),
    });
    this.connection = connection;
    connection.addEventListener("ready", ({ detail }) => this.#ready(detail));
    connection.addEventListener("restored", ({ detail }) => this.#restored(detail));
    connection.addEventListener("lost", ({ detail }) => {
      this.lost = { until: performance.now() + detail.untilMs, started: detail.started };
      this.#change("lost", detail);
    });
    connection.addEventListener("refused", ({ detail }) => this.#refuse(detail.code, detail.message));
    connection.addEventListener("gone", ({ detail }) => this.#over(detail.code === 1000 ? "closed" : "lost"));
    connection.addEventListener("audio", ({ detail }) => this.player.push(detail));
    connection.addEventListener("message", ({ detail }) => this.#message(detail));
    connection.open();
  }

  #ready(message) {
    this.lost = null;
    this.id = message.call;
    this.player.setRate(message.sample_rate);
    this.startedAt = performance.now();
    this.#phase("active");
  }

  #restored(message) {
    this.lost = null;
    this.player.setRate(message.sample_rate);
    const heard = this.player.position();
    if (heard) this.connection.send({ type: "played", ...heard });
    this.#change("restored");
  }

  #message(message) {
    switch (message.type) {
      case "audio":
        if (message.state === "start") this.player.start(message.turn, message.from_ms ?? null);
        else this.player.end(message.turn);
        break;
      case "interrupt":
        this.player.interrupt();
        this.#change("interrupt", message);
        break;
      case "pause":
        this.player.pause();
        break;
      case "resume":
        this.player.resume();
        break;
      case "state":
        this.state = message.state;
        this.queue = message.state === "queued" ? { position: message.position, wait: message.wait_s } : null;
        this.#change("state");
        break;
      case "human":
        this.human = message.name || null;
        this.player.setHuman(this.human);
        this.#change("human");
        break;
      case "ended":
        this.#over(message.reason);
        break;
      default:
        this.#change(message.type, message); // transcript, action, card, ask, error; unknown ones go unread
    }
  }

  get elapsed() {
    if (this.startedAt === null) return 0;
    return Math.floor(((this.finishedAt ?? performance.now()) - this.startedAt) / 1000);
  }

  get level() {
    return this.microphone && !this.muted ? this.microphone.level : 0;
  }

  /** Who is heard now: "agent", "human" or null. */
  get speaker() {
    if (!this.player?.audible) return null;
    return this.human ? "human" : "agent";
  }

  get soundBlocked() {
    return Boolean(this.context && this.phase === "active" && this.context.state !== "running");
  }

  /** From a click: gives sound back after the browser stopped it. */
  async revive() {
    await this.context?.resume();
    await this.player?.output.revive();
  }

  mute(muted) {
    if (!this.microphone) return;
    this.muted = muted;
    this.microphone.setMuted(muted);
    this.#change("muted");
  }

  type(text) {
    return this.connection?.send({ type: "text", text }) ?? false;
  }

  dtmf(digit) {
    return this.connection?.send({ type: "dtmf", digit }) ?? false;
  }

  hangup() {
    if (this.phase === "over") return;
    const told = this.connection?.send({ type: "hangup" });
    if (!told) {
      this.#over(this.phase === "active" ? "hangup" : "cancelled");
      return;
    }
    this.player.interrupt(); // quiet at once; the server's word still ends the call
    this.grace ??= setTimeout(() => this.#over("hangup"), HANGUP_GRACE_MS);
  }

  #refuse(code, message = "") {
    if (this.phase === "over") return;
    this.problem = { code, message };
    this.#over("refused");
  }

  #over(reason) {
    if (this.phase === "over") return;
    this.reason = reason;
    this.finishedAt = performance.now();
    this.lost = null;
    this.#release();
    this.#phase("over");
  }

  #release() {
    clearTimeout(this.grace);
    this.connection?.close();
    this.microphone?.close();
    this.player?.close();
    this.stream?.getTracks().forEach((track) => track.stop());
    if (this.context && this.context.state !== "closed") {
      this.context.onstatechange = null;
      this.context.close().catch(() => {});
    }
  }

  #phase(phase) {
    this.phase = phase;
    this.#change("phase");
  }

  #change(what, data = null) {
    this.dispatchEvent(new CustomEvent("change", { detail: { what, data } }));
  }
}
