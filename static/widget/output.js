// Invariant: whatever the agent says reaches the loudspeaker on a path that the browser's echo canceller hears,
// and can be made silent at once.
//
// Chromium's canceller takes its reference either from everything that the browser plays ("Chrome-wide", desktop,
// a feature that a field trial can turn off) or only from remote peer-connection tracks (older versions, Android,
// and wherever that feature is off). A page cannot ask which, except that newer versions report
// echoCancellation === "all". So unless the track says "all", Chromium gets the voice through a loopback peer
// connection into an <audio> element: that one is in the reference in every case. Firefox and Safari cancel the
// device's whole output, so there the sound goes straight out, without the loopback's delay.

const LOOPBACK_TIMEOUT_MS = 3000;
const FIRST_GUESS_MS = 60; // loopback delay until it has been measured

function chromium() {
  const brands = navigator.userAgentData?.brands;
  return brands ? brands.some(({ brand }) => brand === "Chromium") : /\bChrom(e|ium)\//.test(navigator.userAgent);
}

/** Whether the voice must go through the loopback. @param {MediaStreamTrack|null} track the microphone's */
export function loopbackNeeded(track, wish) {
  if (wish === "loopback" || wish === "direct") return wish === "loopback";
  if (!track || typeof RTCPeerConnection === "undefined") return false; // nobody listens: nothing to cancel
  return chromium() && track.getSettings().echoCancellation !== "all";
}

export class Output {
  /** @param {AudioContext} context */
  constructor(context) {
    this.context = context;
    this.kind = "none";
    this.cutting = false;
    this.wanted = false; // since the cut there is something new to be heard
    this.silentUntil = 0;
    this.loopbackMs = 0;
  }

  /** Connects the node to the loudspeaker. Falls back to the direct way if the loopback can't be made. */
  async connect(node, { loopback }) {
    this.node = node;
    if (loopback) {
      try {
        await this.#loop(node);
        return;
      } catch (error) {
        console.warn("[contact-center] loopback output unavailable, playing directly:", error.name);
        this.#unloop();
      }
    }
    node.connect(this.context.destination);
    this.kind = "direct";
  }

  async #loop(node) {
    const sink = this.context.createMediaStreamDestination();
    sink.channelCount = 1;
    node.connect(sink);
    this.sink = sink;
    this.near = new RTCPeerConnection();
    this.far = new RTCPeerConnection();
    const { near, far } = this;
    near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate).catch(() => {});
    far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate).catch(() => {});
    const arrived = new Promise((resolve, reject) => {
      far.ontrack = ({ receiver, streams }) => {
        // As little delay as the jitter buffer allows: both ends are on this machine.
        if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
        else if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
        this.receiver = receiver;
        resolve(streams[0]);
      };
      far.onconnectionstatechange = () => far.connectionState === "failed" && reject(new Error("LoopbackFailed"));
      setTimeout(() => reject(new Error("LoopbackTimeout")), LOOPBACK_TIMEOUT_MS);
    });
    near.addTrack(sink.stream.getAudioTracks()[0], sink.stream);
    await near.setLocalDescription(await near.createOffer());
    await far.setRemoteDescription(near.localDescription);
    const answer = await far.createAnswer();
    // Full-band voice and no pauses in sending: a pause would swallow the first sound after it.
    answer.sdp = answer.sdp.replace(/a=fmtp:111 /g, "a=fmtp:111 maxaveragebitrate=96000;usedtx=0;");
    await far.setLocalDescription(answer);
    await near.setRemoteDescription(far.localDescription);
    this.element = new Audio();
    this.element.autoplay = true;
    this.element.srcObject = await arrived;
    await this.element.play();
    this.kind = "loopback";
    this.loopbackMs = FIRST_GUESS_MS;
  }

  /** Time between rendering a sample in the worklet and hearing it, in ms. */
  get latencyMs() {
    const device = (this.context.outputLatency || this.context.baseLatency || 0) * 1000;
    return Math.min(1000, device + this.loopbackMs);
  }

  /** Measures the loopback's own delay (packets and jitter buffer); cheap, called every few seconds. */
  async measure() {
    if (this.kind !== "loopback") return;
    for (const report of (await this.receiver.getStats()).values()) {
      if (report.type !== "inbound-rtp" || !report.jitterBufferEmittedCount) continue;
      const before = this.seen ?? { delay: 0, count: 0 };
      const count = report.jitterBufferEmittedCount - before.count;
      if (count <= 0) continue;
      const buffered = ((report.jitterBufferDelay - before.delay) / count) * 1000;
      this.seen = { delay: report.jitterBufferDelay, count: report.jitterBufferEmittedCount };
      if (Number.isFinite(buffered)) this.loopbackMs = buffered + 20; // and one packet being filled
    }
  }

  /**
   * Silence now: what is still inside the loopback is never heard. How much that is can only be estimated, and on a
   * busy machine it is more than was measured: so the silence lasts until there is something new to be heard.
   */
  cut() {
    if (this.kind !== "loopback") return;
    this.element.muted = true;
    this.cutting = true;
    this.wanted = false;
    this.silentUntil = performance.now() + this.loopbackMs + 20;
  }

  /** Something new is about to be rendered: ends the silence, once what was in the loopback has passed. */
  open() {
    if (!this.cutting) return;
    this.wanted = true;
    this.tick(performance.now());
  }

  /** Called on every report of the player. */
  tick(now) {
    if (!this.wanted || now < this.silentUntil) return;
    this.cutting = false;
    this.wanted = false;
    this.element.muted = false;
  }

  /** Picks playback up again after the browser paused it (a phone call, a locked screen). */
  async revive() {
    if (this.element?.paused) await this.element.play();
  }

  #unloop() {
    this.near?.close();
    this.far?.close();
    if (this.sink) this.node.disconnect();
    if (this.element) {
      this.element.pause();
      this.element.srcObject = null;
    }
    this.near = null;
    this.far = null;
    this.sink = null;
    this.element = null;
  }

  close() {
    this.#unloop();
    this.kind = "none";
  }
}
