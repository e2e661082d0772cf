// Invariant: a screen is a function of its arguments; the first button on it is what the caller most likely wants.

import { h, icon } from "./dom.js";
import { clock, ENDINGS, PROBLEMS } from "./words.js";

function button(label, kind, onClick, iconName = null) {
  return h(
    "button",
    { type: "button", class: `button ${kind}`, on: { click: onClick } },
    iconName && icon(iconName),
    h("span", { text: label }),
  );
}

export function startScreen({ voice, onCall, onType }) {
  return h(
    "div",
    { class: "screen start" },
    h("span", { class: "badge" }, icon("phone")),
    h("h3", { class: "big", text: "How can we help?" }),
    h("p", {
      class: "lead",
      text: "Talk to our assistant now. It can answer questions, look things up, send you documents and get a person for you.",
    }),
    h(
      "div",
      { class: "buttons" },
      voice && button("Start call", "primary", onCall, "phone"),
      button("Type instead", voice ? "plain" : "primary", onType, "keyboard"),
    ),
    h("p", {
      class: "fine",
      text: voice
        ? "Your microphone is on only during the call. The call is written down so that we can help you."
        : "Voice calls don't work on this page, but typing does.",
    }),
  );
}

export function waitingScreen({ asking, retrying, onCancel }) {
  const title = asking ? "Allow your microphone" : "Connecting…";
  let text = "This takes only a moment.";
  if (asking) text = "Your browser asks whether this page may hear you. Choose Allow to begin.";
  else if (retrying) text = "The call service is not answering; it may be restarting. Trying again…";
  return h(
    "div",
    { class: "screen start" },
    h("span", { class: "badge busy" }, icon(asking ? "mic" : "phone")),
    h("h3", { class: "big", text: title }),
    h("p", { class: "lead", role: "status", text }),
    h("div", { class: "buttons" }, button("Cancel", "plain", onCancel)),
  );
}

/** @param {{code: string, message: string}} problem */
export function problemScreen({ problem, onRetry, onType, onGuest, onClose }) {
  const known = PROBLEMS[problem.code];
  const words = known ?? PROBLEMS.other;
  const text = known ? words.text : problem.message || words.text;
  return h(
    "div",
    { class: "screen start problem" },
    h("span", { class: "badge bad" }, icon(/^mic/.test(problem.code) ? "micOff" : "alert")),
    h("div", { role: "alert" }, h("h3", { class: "big", text: words.title }), h("p", { class: "lead", text })),
    h(
      "div",
      { class: "buttons" },
      words.retry && button(words.retry, "primary", onRetry),
      words.guest && button("Go on as a guest", "primary", onGuest),
      words.type && button("Type instead", words.retry ? "plain" : "primary", onType, "keyboard"),
      !words.retry && !words.guest && !words.type && button("Close", "plain", onClose),
    ),
  );
}

export function endScreen({ call, receipts, transcript, onAgain }) {
  const bad = ["lost", "error"].includes(call.reason);
  const ending = ENDINGS[call.reason] ?? ENDINGS.closed;
  return h(
    "div",
    { class: "screen end" },
    h(
      "div",
      { class: "end-head" },
      h("span", { class: bad ? "badge bad" : "badge good" }, icon(bad ? "alert" : "check")),
      h("h3", { class: "big", text: "Call ended" }),
      h("p", { class: "lead", role: bad ? "alert" : "status", text: ending }),
      call.startedAt !== null && h("p", { class: "fine", text: `Length ${clock(call.elapsed)}` }),
    ),
    receipts.used && receipts.element,
    transcript.used &&
      h("details", { class: "said" }, h("summary", { text: "What was said" }), transcript.element),
    h("div", { class: "buttons" }, button("Call again", "primary", onAgain, "phone")),
  );
}
