// Invariant: what the site wrote on the tag is read here and nowhere else, and the caller's token leaves only in
// the first message over the socket, never in an address.

export class Config {
  /** @param {{base: string, data: DOMStringMap}} tag `base`: the address widget.js was loaded from */
  constructor({ base, data }) {
    this.base = base;
    this.site = data.site || null;
    this.label = data.label || "Call us";
    this.position = data.position === "left" ? "left" : "right";
    this.open = data.open === "true";
    this.language = data.language || null;
    this.output = data.output || "auto";
    this.tokenUrl = data.tokenUrl ? new URL(data.tokenUrl, document.baseURI) : null;
    this.token = data.token || null;
    this.spent = false;
    this.guest = false;
    this.lead = {};
    for (const field of ["name", "phone", "email"]) {
      const value = data[`lead${field[0].toUpperCase()}${field.slice(1)}`];
      if (value) this.lead[field] = value;
    }
    const socket = new URL("/ws/call/", base);
    socket.protocol = socket.protocol === "https:" ? "wss:" : "ws:";
    this.socket = socket.href;
  }

  /** @param {string|(() => string|Promise<string>)|null} token */
  setToken(token) {
    this.token = token;
    this.spent = false;
    this.guest = false;
  }

  /** The fields of `start` that say who calls from where. A plain token is good for one call only. */
  async identity() {
    const fields = {};
    if (this.site) fields.site = this.site;
    if (this.language) fields.language = this.language;
    if (Object.keys(this.lead).length) fields.lead = this.lead;
    const token = this.guest ? null : await this.#token();
    if (token) {
      fields.token = token;
      delete fields.lead; // who is proven makes no claims
    }
    return fields;
  }

  async #token() {
    if (typeof this.token === "function") return this.token();
    if (this.tokenUrl) {
      const answer = await fetch(this.tokenUrl, { credentials: "same-origin", cache: "no-store" });
      if (answer.status === 204 || answer.status === 401) return null; // nobody is logged in
      if (!answer.ok) throw new Error(`token address answered ${answer.status}`);
      const text = (await answer.text()).trim();
      return text.startsWith("{") ? JSON.parse(text).token : text;
    }
    if (this.token && this.spent) throw new Error("the token on the tag was used by an earlier call");
    return this.token;
  }

  /** The server has accepted the call, and with it the token. */
  accepted() {
    if (typeof this.token === "string") this.spent = true;
  }
}
