// Invariant: at most one socket is listened to, and every loss ends in exactly one of: restored, refused, gone.
//
// Knows the wire and nothing of sound or screen. A lost call is asked for again (`call` + `resume`) with growing
// pauses until the server would no longer have it.

const WINDOW_MS = 20000; // the server keeps a lost call this long
const PAUSES_MS = [250, 500, 1000, 2000, 3000];
const HANDSHAKE_MS = 6000;
const STALL_BYTES = 64000; // two seconds of sound unsent
const STALL_MS = 4000;
const RETRY_BEFORE_READY = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1014]);

export class Connection extends EventTarget {
  /**
   * @param {string} url ws(s)://…/ws/call/
   * @param {() => Promise<object>} hello the fields of the first `start`, asked for anew at each first try
   * @param {() => object|null} position what was heard, told when a call is resumed
   */
  constructor({ url, hello, position }) {
    super();
    this.url = url;
    this.hello = hello;
    this.position = position;
    this.call = null;
    this.secret = null;
    this.tries = 0;
    this.done = false;
    this.ready = false;
    this.online = () => this.deadline && this.#retry(0);
    this.offline = () => this.ready && this.#lost(1006);
    window.addEventListener("online", this.online);
    window.addEventListener("offline", this.offline);
  }

  async open() {
    const resuming = this.call !== null;
    let start;
    try {
      start = resuming
        ? { type: "start", call: this.call, resume: this.secret, heard: this.position() ?? undefined }
        : { type: "start", ...(await this.hello()) };
      if (this.done) return;
      if (resuming) start = { ...this.greeting, ...start };
      else {
        const { token, lead, ...greeting } = start; // identity is told once; the secret proves the rest
        this.greeting = greeting;
      }
    } catch (error) {
      this.#finish("refused", { code: "bad_token", message: "", cause: error.message });
      return;
    }
    this.#dial(start);
  }

  #dial(start) {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    const timer = setTimeout(() => socket.close(), HANDSHAKE_MS);
    this.handshake = timer;
    const mine = (handler) => (event) => this.socket === socket && !this.done && handler(event);
    socket.onopen = mine(() => socket.send(JSON.stringify(start)));
    socket.onmessage = mine(({ data }) => {
      if (typeof data === "string") this.#text(data);
      else if (this.ready) this.dispatchEvent(new CustomEvent("audio", { detail: data }));
    });
    socket.onclose = mine(({ code }) => this.#lost(code));
  }

  #text(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (message === null || typeof message !== "object") return;
    if (message.type === "ready") this.#ready(message);
    else if (message.type === "error" && !this.ready) {
      const code = this.call === null ? message.code : "call_gone";
      this.#finish("refused", { code, message: String(message.message ?? "") });
    } else this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #ready(message) {
    clearTimeout(this.handshake);
    const restored = this.call !== null;
    this.call = message.call;
    this.secret = message.resume ?? this.secret;
    this.ready = true;
    this.tries = 0;
    this.deadline = null;
    this.dispatchEvent(new CustomEvent(restored ? "restored" : "ready", { detail: message }));
  }

  #lost(code) {
    if (this.done) return;
    clearTimeout(this.handshake);
    const had = this.ready;
    this.ready = false;
    const socket = this.socket;
    this.socket = null;
    if (socket && socket.readyState < WebSocket.CLOSING) socket.close();
    if (had && code === 1000) {
      this.#finish("gone", { code });
      return;
    }
    if (!had && this.call === null && !RETRY_BEFORE_READY.has(code)) {
      this.#finish("refused", { code: code === 1008 || code === 4008 ? "policy" : "unreachable", message: "" });
      return;
    }
    if (this.call !== null && !this.secret) {
      this.#finish("gone", { code });
      return;
    }
    this.deadline ??= performance.now() + WINDOW_MS;
    this.#retry(PAUSES_MS[Math.min(this.tries, PAUSES_MS.length - 1)]);
  }

  #retry(pause) {
    clearTimeout(this.timer);
    const left = this.deadline - performance.now();
    if (left <= 0) {
      this.#finish(this.call === null ? "refused" : "gone", { code: "unreachable", message: "" });
      return;
    }
    const detail = { first: this.tries === 0, untilMs: left, started: this.call !== null };
    this.dispatchEvent(new CustomEvent("lost", { detail }));
    this.tries += 1;
    this.timer = setTimeout(() => this.open(), Math.min(pause * (0.8 + 0.4 * Math.random()), left));
  }

  send(message) {
    if (!this.ready) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** Sound is worth sending only now: what the network can't take is dropped, and a stuck socket replaced. */
  sendAudio(pcm) {
    if (!this.ready) return;
    if (this.socket.bufferedAmount <= STALL_BYTES) {
      this.stalled = null;
      this.socket.send(pcm);
      return;
    }
    this.stalled ??= performance.now();
    if (performance.now() - this.stalled > STALL_MS) {
      this.stalled = null;
      this.#lost(1006);
    }
  }

  #finish(type, detail) {
    this.close();
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Closes for good; nothing is reported after this. */
  close() {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.timer);
    clearTimeout(this.handshake);
    window.removeEventListener("online", this.online);
    window.removeEventListener("offline", this.offline);
    this.socket?.close(1000);
  }
}
