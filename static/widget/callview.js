// Invariant: shows a Call and passes on what the caller does; it keeps no state of the call of its own.

import { h, icon, iconButton } from "./dom.js";
import { Cards, Receipts } from "./receipts.js";
import { Transcript } from "./transcript.js";
import { SPEAKERS, STATES, waitWords } from "./words.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const KEY_NAMES = { "*": "star", "#": "hash" };
const QUIET_LEVEL = 0.0008;
const QUIET_HINT_MS = 9000;
const INPUT_MODES = { tel: "tel", email: "email", digits: "numeric" };

export class CallView {
  /** @param {import("./call.js").Call} call */
  constructor(call, { onHangup }) {
    this.call = call;
    this.onHangup = onHangup;
    this.transcript = new Transcript();
    this.receipts = new Receipts();
    this.cards = new Cards((text) => this.#say(text));
    this.quietSince = performance.now();
    this.wasHeard = false;
    this.#build();
    this.listener = ({ detail }) => this.#changed(detail);
    call.addEventListener("change", this.listener);
    this.#showState();
  }

  #build() {
    this.stateText = h("span", { class: "state-text" });
    this.orb = h("span", { class: "orb", "aria-hidden": "true" }, h("i"), h("i"), h("i"), h("i"));
    this.meter = h("span", { class: "meter", "aria-hidden": "true" }, h("i"));
    this.meterText = h("span", { class: "visually-hidden" });
    this.stage = h(
      "div",
      { class: "stage" },
      this.orb,
      h("div", { class: "stage-words" }, h("span", { role: "status" }, this.stateText)),
      this.call.typed
        ? h("span", { class: "tag", text: "Typing" })
        : h("span", { class: "mic-level", title: "Your microphone" }, icon("mic"), this.meter, this.meterText),
    );
    this.input = h("input", {
      class: "field",
      type: "text",
      autocomplete: "off",
      enterkeyhint: "send",
      maxlength: "1000",
      "aria-label": this.call.typed ? "Type your message" : "Type instead of speaking",
      placeholder: this.call.typed ? "Type your message" : "Type instead…",
    });
    this.composer = h(
      "form",
      { class: "composer", on: { submit: (event) => this.#submit(event) } },
      this.input,
      iconButton({ name: "send", label: "Send", class: "round send", type: "submit" }),
    );
    this.keypad = h(
      "div",
      { class: "keypad", role: "group", "aria-label": "Keypad", hidden: true },
      ...KEYS.map((key) => h("button", { type: "button", class: "key", text: key, "aria-label": KEY_NAMES[key] ?? key, on: { click: () => this.#press(key) } })),
    );
    this.pressed = h("output", { class: "pressed", "aria-live": "polite" });
    this.keypad.prepend(this.pressed);
    this.muteButton = iconButton({ name: "mic", label: "Mute", shown: true, class: "control", "aria-pressed": "false", onClick: () => this.call.mute(!this.call.muted) });
    this.keypadButton = iconButton({ name: "keypad", label: "Keypad", shown: true, class: "control", "aria-expanded": "false", onClick: () => this.#toggleKeypad() });
    this.hangupButton = iconButton({ name: "hangup", label: "Hang up", shown: true, class: "control danger", onClick: () => this.onHangup() });
    this.controls = h(
      "div",
      { class: "controls", role: "group", "aria-label": "Call controls" },
      this.call.typed ? null : this.muteButton,
      this.keypadButton,
      this.hangupButton,
    );
    this.element = h(
      "div",
      { class: "screen call" },
      this.stage,
      this.receipts.element,
      this.transcript.element,
      this.cards.element,
      this.keypad,
      this.composer,
      this.controls,
    );
  }

  #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (text && this.#say(text)) this.input.value = "";
    this.input.focus();
  }

  #say(text) {
    if (!this.call.type(text)) return false;
    this.transcript.typed(text);
    return true;
  }

  #press(key) {
    if (this.call.dtmf(key)) this.pressed.textContent = (this.pressed.textContent + key).slice(-16);
  }

  #toggleKeypad(open = this.keypad.hidden) {
    this.keypad.hidden = !open;
    this.element.classList.toggle("keys", open);
    this.keypadButton.setAttribute("aria-expanded", String(open));
    this.pressed.textContent = "";
    if (open) this.keypad.querySelector("button").focus();
    else this.keypadButton.focus();
    this.transcript.toEnd();
  }

  /** True if Escape had something to close here. */
  escape() {
    if (this.keypad.hidden) return false;
    this.#toggleKeypad(false);
    return true;
  }

  #line(data) {
    // Only what was spoken comes as a guess first: the microphone works, however quiet the room is from now on.
    if (data.role === "customer" && data.final === false) this.wasHeard = true;
    this.transcript.add(data);
  }

  #changed({ what, data }) {
    const handlers = {
      transcript: () => this.#line(data),
      action: () => this.receipts.put(data),
      card: () => this.cards.put(data),
      ask: () => this.#ask(data),
      interrupt: () => this.transcript.interrupted(data.turn),
      muted: () => this.#showMuted(),
      human: () => this.#human(),
    };
    handlers[what]?.();
    this.#showState();
  }

  #human() {
    this.transcript.human = this.call.human;
    if (this.call.human) this.transcript.note(`${this.call.human} has joined the call.`);
  }

  /** The agent would like it typed: the field or the keypad is made ready and named. */
  #ask({ input, label }) {
    if (input === "none") {
      this.input.placeholder = "Type instead…";
      this.input.removeAttribute("inputmode");
      return;
    }
    if (label) this.input.placeholder = String(label);
    this.input.setAttribute("inputmode", INPUT_MODES[input] ?? "text");
    if (input === "digits" && this.keypad.hidden) this.#toggleKeypad(true);
    else this.input.focus();
  }

  #showMuted() {
    const { muted } = this.call;
    this.muteButton.setAttribute("aria-pressed", String(muted));
    this.muteButton.replaceChildren(icon(muted ? "micOff" : "mic"), h("span", { class: "label", text: muted ? "Unmute" : "Mute" }));
    this.stage.classList.toggle("muted", muted);
  }

  #showState() {
    const { call } = this;
    const speaker = call.speaker;
    const name = call.human ?? SPEAKERS.agent;
    let look = call.lost ? "lost" : speaker ? "speaking" : call.state;
    if (look === "speaking" && !speaker && call.player?.output.kind !== "captions") look = "thinking";
    let words = STATES[look] ?? STATES.listening;
    if (look === "lost") words = "Reconnecting…";
    else if (look === "speaking") words = `${name} is speaking`;
    else if (look === "queued") words = waitWords(call.queue?.position, call.queue?.wait);
    else if (call.human) words = `Connected with ${call.human}`;
    else if (look === "listening") words = this.#listeningWords();
    if (this.words === words && this.look === look) return;
    this.words = words;
    this.look = look;
    this.stateText.textContent = words;
    this.stage.dataset.state = look;
  }

  #listeningWords() {
    if (this.call.typed) return "Ready for your message";
    return this.call.muted ? "You are muted" : STATES.listening;
  }

  /** Called for every picture: the level meter, and a hint when nothing at all comes from the microphone. */
  frame(now) {
    const { call } = this;
    if (call.typed) return null;
    const level = call.level;
    this.meter.style.setProperty("--level", String(Math.min(1, Math.sqrt(level) * 2.2).toFixed(3)));
    if (level > QUIET_LEVEL || this.wasHeard || call.state !== "listening" || call.muted || call.lost) {
      this.quietSince = now;
      return null;
    }
    return now - this.quietSince > QUIET_HINT_MS ? "quiet" : null;
  }

  focus() {
    if (this.call.typed) this.input.focus();
    else this.muteButton.focus();
  }

  close() {
    this.call.removeEventListener("change", this.listener);
  }
}


