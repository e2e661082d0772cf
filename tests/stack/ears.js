// Measures what comes out at the end of the widget's own sound path, with nothing that the page's own policy forbids.
(() => {
  window.__loudest = 0;
  const connect = AudioNode.prototype.connect;
  const listen = (node) => {
    const analyser = new AnalyserNode(node.context, { fftSize: 2048 });
    const samples = new Float32Array(2048);
    connect.call(node, analyser);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      window.__loudest = Math.max(window.__loudest, ...samples.map(Math.abs));
    }, 30);
  };
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target === this.context.destination) listen(this);
    return connect.call(this, target, ...rest);
  };
  const { set, get } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    get,
    set(stream) {
      set.call(this, stream);
      if (stream) listen(new MediaStreamAudioSourceNode(new AudioContext(), { mediaStream: stream }));
    },
  });
})();
