// Listens at the very end of the widget's sound path, without the widget's knowledge: at the context's destination
// and at every stream that an <audio> element is given. Each block of samples is kept with the time of its arrival.
(() => {
  const kept = [];
  window.__sound = {
    kept,
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
    /** When the last block louder than the limit ended. */
    lastLoud: (limit = 0.01) => kept.reduce((last, b) => (Math.max(...b.samples.map(Math.abs)) > limit ? b.at : last), 0),
    samples: () => kept.flatMap((block) => Array.from(block.samples)),
  };
  const source =
    "registerProcessor('tap', class extends AudioWorkletProcessor { process([input]) {" +
    " this.port.postMessage(input[0] ? input[0].slice() : new Float32Array(128)); return true; } })";
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const listen = async (context, connectFrom) => {
    await context.audioWorklet.addModule(address);
    const tap = new AudioWorkletNode(context, "tap");
    tap.port.onmessage = ({ data }) => kept.push({ at: performance.now(), samples: data });
    connectFrom(tap);
    connect.call(tap, new GainNode(context, { gain: 0 })).connect(context.destination);
  };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target === this.context.destination && this instanceof AudioWorkletNode && this.numberOfInputs === 0) {
      listen(this.context, (tap) => connect.call(this, tap));
    }
    return connect.call(this, target, ...rest);
  };
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
        // What a muted element would play is silence.
        this.addEventListener("volumechange", () => (gain.gain.value = this.muted ? 0 : 1));
      });
    },
  });
})();
