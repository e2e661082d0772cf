// Invariant: the page works without this file; it only adds a second way to the call widget.
const talk = document.querySelector("[data-talk]");
if (talk && window.ContactCenterCall) {
  talk.hidden = false;
  talk.addEventListener("click", () => window.ContactCenterCall.open());
}
