// Invariant: this tag costs the host page nothing but a small file: it never blocks, never throws into the page,
// and what it adds lives in one element with a shadow root.
//
// A classic script, because only a classic script knows its own tag (document.currentScript) and with it where it
// came from and what the site wrote on it. The rest are modules from the same place.

(() => {
  const tag = document.currentScript;
  if (!tag || window.ContactCenterCall) return;
  const waiting = [];
  const later = (name) => (...args) => new Promise((resolve, reject) => waiting.push({ name, args, resolve, reject }));
  const api = {};
  for (const name of ["open", "close", "call", "hangup", "setToken", "on"]) api[name] = later(name);
  window.ContactCenterCall = api;

  const begin = async () => {
    try {
      const { widgetStart } = await import(new URL("app.js", tag.src).href);
      Object.assign(api, await widgetStart({ base: tag.src, data: { ...tag.dataset } }));
      for (const { name, args, resolve, reject } of waiting) {
        try {
          resolve(api[name](...args));
        } catch (error) {
          reject(error);
        }
      }
    } catch (error) {
      console.error("[contact-center] the call widget could not be loaded:", error);
      for (const { reject } of waiting) reject(error);
    }
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
})();
