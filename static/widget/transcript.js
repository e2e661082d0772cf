// Invariant: a final line is never changed; what may still change is shown apart, and not read aloud until it is final.

import { h } from "./dom.js";
import { SPEAKERS } from "./words.js";

const NEAR_END_PX = 60;

export class Transcript {
  constructor() {
    this.log = h("div", { class: "lines", role: "log", "aria-live": "polite", "aria-label": "What was said" });
    this.partial = h("div", { class: "partial", "aria-hidden": "true" });
    this.empty = h("p", { class: "hint", text: "Say hello, or wait a moment for the greeting." });
    this.element = h(
      "div",
      { class: "transcript", tabindex: "0", role: "region", "aria-label": "Conversation" },
      this.empty,
      this.log,
      this.partial,
    );
    this.lines = new Map();
    this.human = null;
    this.following = true;
    this.element.addEventListener("scroll", () => (this.following = this.#nearEnd()), { passive: true });
    // What opens above or below (a card, the keypad) makes this smaller: the newest line stays in sight.
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.element);
  }

  get used() {
    return this.log.childElementCount > 0;
  }

  /** @param {{turn: number, role: string, text: string, final: boolean}} event */
  add({ turn, role, text, final }) {
    const kind = role in SPEAKERS ? role : "agent";
    const said = String(text ?? "").trim();
    if (!said) {
      // An answer to something later: what was heard in between came to nothing.
    if (kind === "customer" || turn > this.partialTurn) this.clearPartial();
      return;
    }
    this.#keepAtEnd(() => {
      this.empty.hidden = true;
      if (kind === "customer" && !final) this.#showPartial(said, turn);
      else this.#final(kind, turn, said);
    });
  }

  /** A typed line that the server has not confirmed yet. */
  typed(text) {
    this.#keepAtEnd(() => {
      this.empty.hidden = true;
      this.#showPartial(text);
    });
  }

  #showPartial(text, turn = Infinity) {
    this.partialTurn = turn;
    this.partial.replaceChildren(this.#bubble("customer", text).line);
  }

  clearPartial() {
    this.partial.replaceChildren();
  }

  #final(kind, turn, text) {
    // An answer to something later: what was heard in between came to nothing.
    if (kind === "customer" || turn > this.partialTurn) this.clearPartial();
    const key = `${kind}:${turn}`;
    const line = this.lines.get(key);
    if (line && kind !== "customer" && line.line === this.log.lastElementChild) {
      line.text.append(h("span", { text: ` ${text}` })); // the next sentence of the same turn
      return;
    }
    if (line && kind === "customer") {
      line.text.textContent = text; // the same turn, reopened and completed
      return;
    }
    const bubble = this.#bubble(kind, text);
    this.lines.set(key, bubble);
    this.log.append(bubble.line);
  }

  #bubble(kind, text) {
    const name = kind === "human" && this.human ? this.human : SPEAKERS[kind];
    const words = h("p", { class: "words" }, h("span", { text }));
    const line = h("div", { class: `line ${kind}` }, h("span", { class: "name", text: name }), words);
    return { line, text: words };
  }

  /** The agent was interrupted: its line stays, marked as not finished. */
  interrupted(turn) {
    this.lines.get(`agent:${turn}`)?.line.classList.add("cut");
  }

  note(text) {
    this.#keepAtEnd(() => this.log.append(h("p", { class: "note", text })));
  }

  /** Follows the talk unless the caller has scrolled back to read. */
  #keepAtEnd(change) {
    const following = this.#nearEnd();
    change();
    if (following) this.toEnd();
  }

  #nearEnd() {
    const box = this.element;
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }
}
