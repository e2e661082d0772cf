// Invariant: every state that a caller can get into has a sentence here that says what happened and what to do.

export const PROBLEMS = {
  mic_denied: {
    title: "The microphone is blocked",
    text: "To talk, allow the microphone: open the icon beside the web address, set Microphone to Allow, then try again.",
    retry: "Try again",
    type: true,
  },
  mic_policy: {
    title: "This page may not use the microphone",
    text: "The website that shows this page has not given it the microphone. You can still have your call by typing.",
    type: true,
  },
  mic_missing: {
    title: "No microphone found",
    text: "Connect a microphone or a headset and try again, or have your call by typing.",
    retry: "Try again",
    type: true,
  },
  mic_busy: {
    title: "The microphone is in use",
    text: "Another program may be using it. Close that program and try again, or have your call by typing.",
    retry: "Try again",
    type: true,
  },
  mic_failed: {
    title: "The microphone could not be started",
    text: "Try again, or have your call by typing.",
    retry: "Try again",
    type: true,
  },
  insecure: {
    title: "Talking needs a secure page",
    text: "Browsers give the microphone only to pages whose address begins with https://. You can have your call by typing.",
    type: true,
  },
  unsupported: {
    title: "This browser is too old for voice calls",
    text: "Use a current Chrome, Edge, Firefox or Safari to talk, or have your call by typing.",
    type: true,
  },
  sound_failed: {
    title: "The sound could not be started",
    text: "Reload the page and try again.",
    retry: "Try again",
  },
  bad_token: {
    title: "Your sign-in has run out",
    text: "Reload the page to be recognised again, or go on as a guest.",
    guest: true,
  },
  busy: {
    title: "All lines are busy",
    text: "Please try again in a minute.",
    retry: "Try again",
  },
  too_many_calls: {
    title: "You already have a call open",
    text: "End the call in your other window or device, then try again.",
    retry: "Try again",
  },
  policy: {
    title: "Calls from this website aren't allowed",
    text: "The call service does not know this website. Its owner can add it to the list of sites.",
  },
  unreachable: {
    title: "The call service can't be reached",
    text: "Check your internet connection and try again.",
    retry: "Try again",
  },
  other: {
    title: "The call could not be started",
    text: "Please try again.",
    retry: "Try again",
  },
};

export const ENDINGS = {
  goodbye: "Thank you for calling.",
  hangup: "You hung up.",
  idle: "The call ended because nothing was said for a while.",
  limit: "The call reached its longest allowed time.",
  transferred: "You were put through to a person.",
  error: "Something went wrong on our side and the call had to end. Sorry about that.",
  lost: "The connection was lost and could not be restored.",
  closed: "The call was ended.",
};

export const STATES = {
  listening: "Listening",
  thinking: "One moment…",
  speaking: "Speaking",
  queued: "Waiting for a person",
  human: "Connected",
};

export const SPEAKERS = { customer: "You", agent: "Assistant", human: "Adviser" };

const MESSAGE_STATUS = { queued: "On its way", sent: "Sent", delivered: "Delivered", failed: "Didn't go through" };
const DEED_STATUS = { queued: "In progress", sent: "Done", delivered: "Done", done: "Done", failed: "Didn't work" };
const ANY_STATUS = {
  done: "Done",
  offered: "Asked to join",
  waiting: "Waiting for somebody",
  held: "Waiting for your OK",
  unknown: "Not confirmed yet",
  cancelled: "Cancelled",
  sending: "On its way",
  booked: "Booked",
  scheduled: "Booked",
  created: "Done",
  updated: "Done",
  committed: "Done",
};

/** A word for a receipt's status, and how it should look: "wait", "good" or "bad". */
export function statusWords(kind, status) {
  // Whether a code went to anybody is nobody's business but the number's owner's.
  if (kind === "send_code" && status === "done") return { words: "Requested", tone: "wait" };
  const table = /^send_/.test(kind) ? MESSAGE_STATUS : DEED_STATUS;
  const words = table[status] ?? ANY_STATUS[status] ?? String(status);
  if (["failed"].includes(status)) return { words, tone: "bad" };
  if (["queued", "sending", "held", "unknown", "offered", "waiting"].includes(status)) return { words, tone: "wait" };
  if (status === "cancelled") return { words, tone: "off" };
  return { words, tone: "good" };
}

/** Seconds as m:ss. */
export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A wait as a person would say it. */
export function waitWords(position, wait) {
  const place = position === 1 ? "You are next" : position ? `You are number ${position}` : "Please hold on";
  if (!Number.isFinite(wait) || wait <= 0) return place;
  return `${place}, about ${wait < 90 ? "a minute" : `${Math.round(wait / 60)} minutes`}`;
}
