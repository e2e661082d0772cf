// The preview beside a phrase: what the words look like with variables filled in, and what they sound like.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const preview = document.querySelector(".rules-preview");
  const text = document.querySelector("#id_text");
  if (!preview) return;
  const { company } = preview.dataset;
  const samples = { ...JSON.parse(preview.dataset.samples), company };
  const phrases = JSON.parse(preview.dataset.phrases);
  const chosen = document.querySelector("#id_name");
  const listen = document.querySelector(".rules-listen");
  const button = listen.querySelector("button");
  const status = listen.querySelector("[role=status]");
  const sound = new Audio();

  const name = () => (chosen ? chosen.value : Object.keys(phrases)[0]);
  const words = () => (text ? text.value : preview.textContent);
  const filled = () => words().replace(/\{(\w+)\}/g, (whole, variable) => samples[variable] ?? whole).trim();

  function show() {
    if (text) preview.textContent = filled() || "–";
    listen.hidden = !(phrases[name()] ?? {}).voiced;
    button.disabled = !words().trim();
    status.textContent = "";
  }

  async function play() {
    button.disabled = true;
    status.textContent = "…";
    const form = new FormData();
    form.set("text", words());
    form.set("name", name());
    form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      const answer = await fetch(button.dataset.url, { method: "POST", body: form, credentials: "same-origin" });
      const type = answer.headers.get("Content-Type") ?? "";
      if (!answer.ok) throw new Error(type.includes("json") ? (await answer.json()).error : "That didn't work.");
      URL.revokeObjectURL(sound.src);
      sound.src = URL.createObjectURL(await answer.blob());
      await sound.play();
      status.textContent = "";
    } catch (error) {
      status.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  }

  button.addEventListener("click", play);
  text?.addEventListener("input", show);
  chosen?.addEventListener("change", () => {
    text.placeholder = (phrases[name()] ?? {}).text ?? "";
    show();
  });
  if (chosen) text.placeholder = (phrases[name()] ?? {}).text ?? "";
  show();
});
