// Invariant: at most one call at a time, and every screen follows from the call's own phase.

import { Call } from "./call.js";
import { CallView } from "./callview.js";
import { Config } from "./config.js";
import { microphoneObstacle } from "./microphone.js";
import { Panel } from "./panel.js";
import { endScreen, problemScreen, startScreen, waitingScreen } from "./screens.js";
import { clock } from "./words.js";

class App {
  constructor(tag) {
    this.config = new Config(tag);
    this.listeners = new Map();
    this.call = null;
    this.view = null;
    this.micNotice = null;
    this.panel = new Panel({
      label: this.config.label,
      position: this.config.position,
      stylesheet: new URL("widget.css", this.config.base).href,
      onToggle: () => (this.panel.open ? this.close() : this.open()),
      onEscape: () => this.view?.escape() || this.close(),
    });
    this.#startScreen();
    if (this.config.open) this.panel.show(); // without taking the page's focus
  }

  #startScreen() {
    this.panel.screen(
      startScreen({
        voice: microphoneObstacle() === null,
        onCall: () => this.begin(),
        onType: () => this.begin({ typed: true }),
      }),
    );
  }

  open() {
    this.panel.show();
    if (this.view && this.call?.phase === "active") this.view.focus();
    else this.panel.focus();
  }

  close() {
    this.panel.hide();
  }

  /** Starts a call, unless one is on. Must be called from a click for the sound to be allowed. */
  begin({ typed = false } = {}) {
    this.panel.show();
    if (this.call && this.call.phase !== "over") return;
    this.view?.close();
    this.view = null;
    this.micNotice = null;
    const call = new Call({ config: this.config, typed });
    this.call = call;
    call.addEventListener("change", ({ detail }) => this.call === call && this.#changed(detail));
    call.start();
  }

  hangup() {
    this.call?.hangup();
  }

  #changed({ what, data }) {
    if (what === "phase") this.#phase();
    else if (what === "microphone") this.#microphone(data);
    else if (what === "lost") this.#lost();
    if (what === "restored") this.view?.transcript.note("The connection is back.");
    if (what === "action") this.#tell("action", { kind: data.kind, status: data.status, label: data.label, key: data.key });
    if (what === "state") this.#tell("state", { state: this.call.state });
    if (what === "sound" || what === "restored") this.#notices();
  }

  #phase() {
    const { call } = this;
    if (call.phase === "active") this.#active();
    else if (call.phase === "over") this.#over();
    else this.#waiting(false);
    this.panel.launcherState({
      text: call.phase === "active" ? "Return to call" : this.config.label,
      active: call.phase === "active",
    });
    this.#tell("phase", { phase: call.phase, call: call.id ?? null });
  }

  #waiting(retrying) {
    const asking = this.call.phase === "asking" && !this.call.typed;
    this.panel.screen(waitingScreen({ asking, retrying, onCancel: () => this.hangup() }));
  }

  #active() {
    this.config.accepted();
    this.view = new CallView(this.call, { onHangup: () => this.hangup() });
    this.panel.screen(this.view.element);
    this.view.focus();
    this.#frames();
  }

  #over() {
    const { call } = this;
    this.panel.warn(null);
    this.panel.clock(null);
    this.view?.close();
    if (call.problem && call.startedAt === null) {
      const { problem } = call;
      this.panel.screen(
        problemScreen({
          problem,
          onRetry: () => this.begin({ typed: call.typed }),
          onType: () => this.begin({ typed: true }),
          onGuest: () => {
            this.config.guest = true;
            this.begin({ typed: call.typed });
          },
          onClose: () => this.close(),
        }),
      );
    } else if (call.reason === "cancelled") this.#startScreen();
    else {
      if (call.problem) call.reason = "lost";
      const { receipts, transcript } = this.view;
      const onAgain = () => this.begin({ typed: call.typed });
      this.panel.screen(endScreen({ call, receipts, transcript, onAgain }));
    }
    this.#tell("ended", { reason: call.problem?.code ?? call.reason, call: call.id ?? null, seconds: call.elapsed });
    this.view = null;
  }

  #microphone(what) {
    this.micNotice = {
      silenced: "Your microphone was switched off by your device.",
      lost: "Your microphone was unplugged. Connect another one, or type.",
    }[what] ?? null;
    this.#notices();
  }

  #lost() {
    if (this.call.phase === "connecting") this.#waiting(true);
    this.#notices();
  }

  #notices(quiet = false) {
    const { call } = this;
    if (!call || call.phase !== "active") return;
    if (call.lost) {
      const left = Math.max(0, Math.ceil((call.lost.until - performance.now()) / 1000));
      // Said aloud once; the countdown is for the eye.
      this.panel.warn({ text: "Connection lost. Your call is kept while we reconnect." });
      this.panel.notice.dataset.left = `${left} s`;
      return;
    }
    delete this.panel.notice.dataset.left;
    if (call.soundBlocked) {
      this.panel.warn({
        text: "The sound is paused.",
        action: { label: "Turn sound on", run: () => call.revive() },
      });
    } else if (this.micNotice) this.panel.warn({ text: this.micNotice });
    else if (quiet) this.panel.warn({ text: "We can't hear you. Is the right microphone chosen and switched on?" });
    else this.panel.warn(null);
  }

  #frames() {
    const { call } = this;
    const frame = (now) => {
      if (this.call !== call || call.phase !== "active") return;
      this.panel.clock(clock(call.elapsed));
      this.#notices(this.view.frame(now) === "quiet");
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  on(name, handler) {
    const handlers = this.listeners.get(name) ?? new Set();
    handlers.add(handler);
    this.listeners.set(name, handlers);
    return () => handlers.delete(handler);
  }

  #tell(name, detail) {
    window.dispatchEvent(new CustomEvent(`contactcenter:${name}`, { detail }));
    for (const handler of this.listeners.get(name) ?? []) {
      try {
        handler(detail);
      } catch (error) {
        console.error("[contact-center] a listener of the page failed:", error);
      }
    }
  }
}

/** @returns {Promise<object>} the functions of window.ContactCenterCall */
export async function widgetStart(tag) {
  const app = new App(tag);
  return {
    open: () => app.open(),
    close: () => app.close(),
    call: (options) => app.begin(options),
    hangup: () => app.hangup(),
    setToken: (token) => app.config.setToken(token),
    on: (name, handler) => app.on(name, handler),
  };
}
