// Invariant: one row for one deed, however often its status changes; a row never says more than the server's last word.

import { h, icon } from "./dom.js";
import { statusWords } from "./words.js";

const TONE_ICONS = { good: "check", wait: "clock", bad: "cross", off: "cross" };

export class Receipts {
  constructor() {
    this.rows = new Map();
    this.list = h("ul", { class: "receipts", "aria-live": "polite" });
    this.title = h("h3", { class: "small-title", id: "cc-done", text: "Your requests" });
    this.element = h("section", { class: "done", "aria-labelledby": "cc-done", hidden: true }, this.title, this.list);
  }

  get used() {
    return this.rows.size > 0;
  }

  /** @param {{kind: string, status: string, label?: string, key?: string, simulated?: boolean}} action */
  put(action) {
    const key = action.key ?? action.kind;
    const { words, tone } = statusWords(action.kind ?? "", action.status);
    const label = String(action.label || String(action.kind ?? "").replaceAll("_", " "));
    let row = this.rows.get(key);
    if (!row) {
      row = {
        mark: h("span", { class: "mark" }),
        label: h("span", { class: "what" }),
        status: h("span", { class: "status" }),
      };
      row.element = h("li", {}, row.mark, h("span", { class: "deed" }, row.label, row.status));
      this.rows.set(key, row);
      this.list.append(row.element);
    }
    row.element.className = `receipt ${tone}`;
    row.mark.replaceChildren(icon(TONE_ICONS[tone]));
    row.label.textContent = label;
    row.label.title = label; // shown shortened during the call
    row.status.textContent = action.simulated ? `${words} (demo)` : words;
    this.element.hidden = false;
    row.element.scrollIntoView?.({ block: "nearest" });
  }
}

/** What is read back and can still be changed: one card for each key, replaced in place, taken away when closed. */
export class Cards {
  /** @param {(text: string) => void} say sends the words of a chosen answer as a typed turn */
  constructor(say) {
    this.say = say;
    this.element = h("div", { class: "cards", "aria-live": "polite" });
    this.cards = new Map();
  }

  /** @param {{key?: string, title?: string, text?: string, rows?: object[], choices?: object[], status?: string}} card */
  put(card) {
    const key = card.key ?? "card";
    if (card.status === "closed") {
      this.cards.get(key)?.remove();
      this.cards.delete(key);
      return;
    }
    const rows = (Array.isArray(card.rows) ? card.rows : []).flatMap((row) => [
      h("dt", { text: String(row.label ?? "") }),
      h("dd", { text: String(row.value ?? "") }),
    ]);
    const choices = (Array.isArray(card.choices) ? card.choices : []).map((choice) =>
      h("button", {
        type: "button",
        class: "chip",
        text: String(choice.label ?? ""),
        on: { click: () => this.say(String(choice.say ?? choice.label ?? "")) },
      }),
    );
    const element = h(
      "section",
      { class: "card", "aria-label": String(card.title ?? "Please check") },
      h("h3", { class: "small-title", text: String(card.title ?? "Please check") }),
      card.text ? h("p", { class: "card-text", text: String(card.text) }) : null,
      rows.length ? h("dl", {}, ...rows) : null,
      choices.length ? h("div", { class: "chips" }, ...choices) : null,
    );
    const before = this.cards.get(key);
    if (before) before.replaceWith(element);
    else this.element.append(element);
    this.cards.set(key, element);
  }
}
