// Listens at the very end of the widget's sound path, without the widget's knowledge: at the context's destination
// and at every stream that an <audio> element is given. Each block of samples is kept with the time of its arrival.
//
// It counts inside the player's worklet too: what it put out since it was last told to start, flush, hold or release.
// Blocks that are counted say the same on a fast machine and on a busy one; times of arrival don't.
(() => {
  const kept = [];
  const sound = {
    kept,
    rate: 0, // Hz
    ticks: [], // when the page got a report of the player
    /** `what` it was told last, and since then: blocks of 128 samples put out, and samples of them above 0.02. */
    since: { what: null, blocks: 0, loud: 0 },
    /** Samples above the limit among the blocks from this one on. */
    loud: (from, limit = 0.02) =>
      kept.slice(from).reduce((sum, b) => sum + b.samples.reduce((n, v) => n + (Math.abs(v) > limit), 0), 0),
    loudness: (from, to = Infinity) => {
      let sum = 0;
      let count = 0;
      for (const block of kept) {
        if (block.at < from || block.at >= to) continue;
        for (const value of block.samples) sum += value * value;
        count += block.samples.length;
      }
      return count ? Math.sqrt(sum / count) : 0;
    },
    samples: () => kept.flatMap((block) => Array.from(block.samples)),
  };
  window.__sound = sound;
  const inside = `
    const register = globalThis.registerProcessor;
    globalThis.registerProcessor = (name, Processor) => register.call(globalThis, name, name !== "contactcenter-player"
      ? Processor
      : class extends Processor {
          constructor(options) {
            super(options);
            const handle = this.port.onmessage;
            this.port.onmessage = (event) => {
              handle(event);
              const what = event.data.type;
              if (["start", "flush", "hold", "release"].includes(what)) this.since = { what, blocks: 0, loud: 0 };
            };
          }
          process(inputs, outputs, parameters) {
            const more = super.process(inputs, outputs, parameters);
            if (!this.since) return more;
            this.since.blocks += 1;
            for (const value of outputs[0][0]) if (Math.abs(value) > 0.02) this.since.loud += 1;
            if (this.since.blocks % 16 === 0) this.port.postMessage({ type: "since", ...this.since });
            return more;
          }
        });`;
  const prelude = URL.createObjectURL(new Blob([inside], { type: "text/javascript" }));
  if (globalThis.Worklet) {
    const { addModule } = Worklet.prototype;
    const prepared = new WeakMap();
    Worklet.prototype.addModule = async function (...args) {
      if (!prepared.has(this)) prepared.set(this, addModule.call(this, prelude));
      await prepared.get(this);
      return addModule.apply(this, args);
    };
  }
  const hear = ({ data }) => {
    if (data.type === "since") sound.since = data;
    if (data.type === "tick") sound.ticks.push(performance.now());
  };
  const source = `registerProcessor("tap", class extends AudioWorkletProcessor {
    kept = new Float32Array(512); // four at a time: a message each would keep a busy page from its own work
    filled = 0;
    process([input]) {
      if (input[0]) this.kept.set(input[0], this.filled);
      this.filled += 128;
      if (this.filled === 512) {
        this.port.postMessage(this.kept);
        this.kept.fill(0);
        this.filled = 0;
      }
      return true;
    }
  });`;
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const listen = async (context, connectFrom) => {
    sound.rate = context.sampleRate;
    await context.audioWorklet.addModule(address);
    const tap = new AudioWorkletNode(context, "tap");
    tap.port.onmessage = ({ data }) => kept.push({ at: performance.now(), samples: data });
    connectFrom(tap);
    connect.call(tap, new GainNode(context, { gain: 0 })).connect(context.destination);
  };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (this instanceof AudioWorkletNode && this.numberOfInputs === 0) this.port.addEventListener("message", hear);
    if (target === this.context.destination && this instanceof AudioWorkletNode && this.numberOfInputs === 0) {
      listen(this.context, (tap) => connect.call(this, tap));
    }
    return connect.call(this, target, ...rest);
  };
  const gains = new WeakMap();
  const muted = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "muted");
  Object.defineProperty(HTMLMediaElement.prototype, "muted", {
    get: muted.get,
    set(value) {
      muted.set.call(this, value);
      if (gains.has(this)) gains.get(this).gain.value = value ? 0 : 1; // what a muted element plays is silence
    },
  });
  const { set, get } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    get,
    set(stream) {
      set.call(this, stream);
      if (!stream) return;
      window.__element = this;
      const context = new AudioContext();
      listen(context, (tap) => {
        const gain = new GainNode(context);
        connect.call(new MediaStreamAudioSourceNode(context, { mediaStream: stream }), gain);
        connect.call(gain, tap);
        gains.set(this, gain);
        gain.gain.value = this.muted ? 0 : 1;
      });
    },
  });
})();
