// Invariant: text reaches the page as text. Nothing here or above it parses markup.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  phone: "M6.6 3h2.2c.5 0 .9.3 1 .8l.8 3.1c.1.4 0 .8-.3 1L8.6 9.5a12.5 12.5 0 0 0 5.9 5.9l1.6-1.7c.3-.3.7-.4 1-.3l3.1.8c.5.1.8.5.8 1v2.2A2.6 2.6 0 0 1 18.4 20C10.4 20 4 13.6 4 5.6 4 4.2 5.2 3 6.6 3Z",
  hangup: "M12 9c-3.3 0-6.3.9-8.6 2.4-.9.6-1.4 1.6-1.4 2.6v1.5c0 .7.6 1.2 1.3 1.1l3.4-.6c.5-.1.9-.5.9-1v-1.7a14 14 0 0 1 8.8 0V15c0 .5.4.9.9 1l3.4.6c.7.1 1.3-.4 1.3-1.1V14c0-1.1-.5-2-1.4-2.6A15.6 15.6 0 0 0 12 9Z",
  mic: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM6 11v1a6 6 0 0 0 12 0v-1M12 18v3M9 21h6",
  micOff: "M15 9.3V6a3 3 0 0 0-5.7-1.3M9 9v3a3 3 0 0 0 5 2.2M6 11v1a6 6 0 0 0 9.8 4.6M18 12v-1M12 18v3M9 21h6M4 4l16 16",
  keypad: "M6 5h.01M12 5h.01M18 5h.01M6 11h.01M12 11h.01M18 11h.01M6 17h.01M12 17h.01M18 17h.01",
  send: "M5 12h13M12.5 6l6 6-6 6",
  down: "M6 9.5l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5V12l3 2",
  cross: "M7 7l10 10M17 7L7 17",
  alert: "M12 8.5v4.5M12 16.5h.01M10.5 4.2 2.9 17.5A1.7 1.7 0 0 0 4.4 20h15.2a1.7 1.7 0 0 0 1.5-2.5L13.5 4.2a1.7 1.7 0 0 0-3 0Z",
  keyboard: "M4 6h16a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 20 18H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 6ZM6.5 10h.01M10 10h.01M14 10h.01M17.5 10h.01M8 14.5h8",
};

const FILLED = new Set(["phone", "hangup"]);

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  svg.classList.add("icon", FILLED.has(name) ? "filled" : "lined");
  if (name === "keypad") svg.classList.add("dots");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * An element. Props: `class`, `on` (listeners), `text`, any attribute; booleans set or leave out an attribute.
 * Children are nodes or strings, and strings become text nodes.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (name === "text") element.textContent = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button with an icon; `label` is read aloud, and shown when `shown`. */
export function iconButton({ name, label, shown = false, onClick, ...props }) {
  return h(
    "button",
    { type: "button", "aria-label": shown ? null : label, title: shown ? null : label, on: { click: onClick }, ...props },
    icon(name),
    shown && h("span", { class: "label", text: label }),
  );
}
