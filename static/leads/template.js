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
  const test = find(".template-test");
  test?.querySelector("button").addEventListener("click", async (event) => {
    const [button, said, to] = [event.target, test.querySelector("[role=status]"), test.querySelector("input")];
    const form = new FormData();
    for (const field of fields) form.set(field.name, field.value);
    if (to) form.set("to", to.value);
    form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    button.disabled = true;
    said.textContent = "…";
    let answer;
    try {
      const response = await fetch(test.dataset.url, { method: "POST", body: form, credentials: "same-origin" });
      if (!response.ok) throw new Error(response.statusText);
      answer = await response.json();
    } catch {
      answer = { refused: "The test can't be sent just now." };
    }
    button.disabled = false;
    said.classList.toggle("errornote", Boolean(answer.refused));
    said.textContent = answer.refused ?? answer.sent;
    if (!answer.url) return;
    const link = document.createElement("a");
    link.href = answer.url;
    link.textContent = "See what becomes of it";
    said.append(" ", link);
  });
  test?.querySelector("input")?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter here would save the page
    test.querySelector("button").click();
  });
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
