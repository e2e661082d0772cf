// Invariant: the panel is a dialog that never traps: it takes the focus when it opens, gives it back when it closes,
// and leaves the page behind it usable.

import { h, icon, iconButton } from "./dom.js";

export class Panel {
  constructor({ label, position, stylesheet, onToggle, onEscape }) {
    this.onToggle = onToggle;
    this.onEscape = onEscape;
    this.host = document.createElement("contact-center-call");
    this.host.hidden = true; // shown once it has its style
    const root = this.host.attachShadow({ mode: "open" });
    const style = h("link", { rel: "stylesheet", href: stylesheet });
    style.addEventListener("load", () => (this.host.hidden = false));
    style.addEventListener("error", () => {
      console.error("[contact-center] widget.css was refused: allow its origin in style-src");
      this.host.hidden = false;
    });
    this.launcherText = h("span", { class: "launcher-text", text: label });
    this.launcher = h(
      "button",
      { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel", on: { click: () => this.onToggle() } },
      icon("phone"),
      this.launcherText,
    );
    this.time = h("span", { class: "time", role: "timer", "aria-live": "off", hidden: true });
    this.minimise = iconButton({ name: "down", label: "Minimise", class: "round quiet", onClick: () => this.onToggle() });
    this.notice = h("div", { class: "notice", role: "alert" });
    this.body = h("div", { class: "body" });
    this.panel = h(
      "section",
      { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1", hidden: true },
      h("header", { class: "head" }, h("h2", { class: "title", id: "title", text: label }), this.time, this.minimise),
      this.notice,
      this.body,
    );
    this.panel.addEventListener("keydown", (event) => {
      // The host page's shortcuts must not fire while somebody types here.
      event.stopPropagation();
      if (event.key === "Escape") this.onEscape();
    });
    this.root = h("div", { class: `root ${position}` }, this.launcher, this.panel);
    root.append(style, this.root);
    document.body.append(this.host);
  }

  get open() {
    return !this.panel.hidden;
  }

  show() {
    if (this.open) return;
    this.panel.hidden = false;
    this.root.classList.add("open");
    this.launcher.setAttribute("aria-expanded", "true");
  }

  hide() {
    if (!this.open) return;
    const inside = this.host.shadowRoot.activeElement;
    this.panel.hidden = true;
    this.root.classList.remove("open");
    this.launcher.setAttribute("aria-expanded", "false");
    if (inside) this.launcher.focus();
  }

  /** Puts a screen into the panel. The focus follows if it was in what went away. */
  screen(element, { focus = null } = {}) {
    if (this.body.firstElementChild === element) return;
    const had = this.body.contains(this.host.shadowRoot.activeElement) || this.host.shadowRoot.activeElement === this.panel;
    this.body.replaceChildren(element);
    if (had || focus) this.focus(focus);
  }

  focus(target = null) {
    const first = target ?? this.body.querySelector("button, input") ?? this.panel;
    if (this.open) first.focus({ preventScroll: true });
  }

  /** @param {{text: string, tone?: string, action?: {label: string, run: () => void}}|null} notice */
  warn(notice) {
    const text = notice?.text ?? "";
    if (this.warned === text) return;
    this.warned = text;
    this.notice.replaceChildren();
    this.notice.dataset.tone = notice?.tone ?? "warn";
    if (!notice) return;
    this.notice.append(h("span", { text }));
    if (notice.action) {
      this.notice.append(h("button", { type: "button", class: "chip", text: notice.action.label, on: { click: notice.action.run } }));
    }
  }

  clock(text) {
    this.time.hidden = text === null;
    if (this.time.textContent !== text) this.time.textContent = text ?? "";
  }

  launcherState({ text, active }) {
    if (this.launcherText.textContent !== text) this.launcherText.textContent = text;
    this.root.classList.toggle("active", active);
  }
}
