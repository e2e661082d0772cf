// The preview beside a message's words: what they look like with samples, or what is wrong with them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const preview = document.querySelector(".template-preview");
  if (!preview) return;
  const find = (selector) => preview.querySelector(selector);
  const [problems, count, subject] = [".template-problems", ".template-count", ".template-subject"].map(find);
  const [frame, text, bubble] = [".template-frame", ".template-text", ".template-bubble"].map(find);
  const names = ["subject", "preheader", "body", "footer"];
  const fields = names.map((name) => document.querySelector(`#id_${name}`)).filter(Boolean);
  let asked = 0;
  let timer = 0;

  async function show() {
    const number = ++asked;
    const form = new FormData();
    for (const field of fields) form.set(field.name, field.value);
    form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    let seen;
    try {
      const answer = await fetch(preview.dataset.url, { method: "POST", body: form, credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.statusText);
      seen = await answer.json();
    } catch {
      seen = { problems: ["The preview can't be had just now."] };
    }
    if (number !== asked) return;
    problems.hidden = !seen.problems;
    problems.textContent = (seen.problems ?? []).join(" ");
    if (seen.problems) return;
    count.textContent = seen.count;
    if (bubble) bubble.textContent = seen.text;
    if (!frame) return;
    subject.textContent = seen.subject;
    frame.srcdoc = seen.html;
    text.textContent = seen.text;
  }

  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, 250);
    });
  }
  for (const button of preview.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => {
      for (const other of preview.querySelectorAll("[data-view]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      frame.hidden = button.dataset.view !== "html";
      text.hidden = !frame.hidden;
    });
  }
  if (fields.length) show();
});
