// Invariant: a call never dies of its microphone. Whatever goes wrong has a code that the panel can explain, and
// the call goes on with silence or by typing.

const CONSTRAINTS = {
  echoCancellation: { ideal: "all" }, // every sound of the machine where the browser can; elsewhere read as `true`
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
};

/** Why there can be no microphone at all here, or null. */
export function microphoneObstacle() {
  if (!window.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia) return "unsupported";
  if (typeof AudioWorkletNode === "undefined") return "unsupported";
  return null;
}

/** The panel's word for what getUserMedia threw. */
export function microphoneProblem(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      // A frame without allow="microphone" and a Permissions-Policy header refuse with the same name.
      return document.featurePolicy?.allowsFeature?.("microphone") === false ? "mic_policy" : "mic_denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "mic_missing";
    case "NotReadableError":
    case "AbortError":
      return "mic_busy";
    default:
      return "mic_failed";
  }
}

/** Asks for the microphone; rejects with the browser's own error. */
export async function microphoneAsk() {
  return navigator.mediaDevices.getUserMedia({ audio: CONSTRAINTS, video: false });
}

export class Microphone extends EventTarget {
  /** @param {(pcm: ArrayBuffer) => void} deliver gets 20 ms of 16 kHz signed 16-bit mono, fifty times a second */
  constructor({ context, stream, deliver, route }) {
    super();
    this.context = context;
    this.stream = stream;
    this.deliver = deliver;
    this.route = route;
    this.level = 0;
    this.muted = false;
    this.closed = false;
    this.lost = false;
    this.devicesChanged = () => this.lost && this.#recover();
  }

  async prepare() {
    await this.context.audioWorklet.addModule(new URL("capture.worklet.js", this.route));
    this.node = new AudioWorkletNode(this.context, "contactcenter-capture", {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    this.node.port.onmessage = ({ data }) => {
      this.level = data.level;
      this.deliver(data.pcm);
    };
    // Some browsers only run what leads to the loudspeaker; the node itself puts out silence.
    this.node.connect(this.context.destination);
    this.#listen();
    navigator.mediaDevices.addEventListener?.("devicechange", this.devicesChanged);
  }

  #listen() {
    [this.track] = this.stream.getAudioTracks();
    this.track.enabled = !this.muted;
    this.track.addEventListener("ended", () => this.#recover());
    this.track.addEventListener("mute", () => this.#tell("silenced"));
    this.track.addEventListener("unmute", () => this.#tell("back"));
    this.source = this.context.createMediaStreamSource(this.stream);
    this.source.connect(this.node);
  }

  /** The device is gone (unplugged, taken by the system): take the one that there is now. */
  async #recover() {
    if (this.closed || this.recovering) return;
    this.recovering = true;
    this.source?.disconnect();
    try {
      const stream = await microphoneAsk();
      if (this.closed) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      this.stream = stream;
      this.#listen();
      this.lost = false;
      this.#tell("replaced");
    } catch {
      this.lost = true; // `devicechange` tries again
      this.level = 0;
      this.#tell("lost");
    } finally {
      this.recovering = false;
    }
  }

  #tell(what) {
    if (!this.closed) this.dispatchEvent(new CustomEvent("change", { detail: what }));
  }

  setMuted(muted) {
    this.muted = muted;
    // Disabled at the source too: the operating system's indicator and the page agree.
    this.track.enabled = !muted;
    this.node.port.postMessage({ type: "mute", muted });
  }

  close() {
    this.closed = true;
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.devicesChanged);
    this.node?.port.postMessage({ type: "stop" });
    this.source?.disconnect();
    this.node?.disconnect();
    this.stream.getTracks().forEach((track) => track.stop());
  }
}
