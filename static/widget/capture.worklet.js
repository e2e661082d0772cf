// Invariant: frames leave at exactly 16,000 samples a second of real time, 20 ms each, whatever the rate of
// the sound card; a muted microphone leaves as silence at the same pace, so the far end's clock never stops.

/* global ContactCenterResampler, registerProcessor, sampleRate */

const RATE = 16000;
const FRAME = 320; // 20 ms

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new ContactCenterResampler(sampleRate, RATE);
    this.frame = new Float32Array(FRAME);
    this.filled = 0;
    this.muted = false;
    this.running = true;
    this.silence = new Float32Array(128);
    this.port.onmessage = ({ data }) => {
      if (data.type === "mute") this.muted = data.muted;
      if (data.type === "stop") this.running = false;
    };
  }

  process(inputs) {
    // An input without channels is a microphone that has gone: time goes on as silence until another is found.
    const channels = inputs[0];
    let mono = this.silence;
    if (channels.length === 1) [mono] = channels;
    else if (channels.length > 1) {
      mono = new Float32Array(channels[0].length);
      for (const channel of channels) for (let i = 0; i < mono.length; i += 1) mono[i] += channel[i] / channels.length;
    }
    this.resampler.write(mono);
    for (;;) {
      this.filled += this.resampler.read(this.frame, this.filled, FRAME);
      if (this.filled < FRAME) break;
      this.#send();
      this.filled = 0;
    }
    return this.running;
  }

  #send() {
    const pcm = new Int16Array(FRAME);
    let power = 0;
    if (!this.muted) {
      for (let i = 0; i < FRAME; i += 1) {
        const value = Math.max(-1, Math.min(1, this.frame[i]));
        power += value * value;
        pcm[i] = Math.round(value * 32767);
      }
    }
    this.port.postMessage({ pcm: pcm.buffer, level: Math.sqrt(power / FRAME) }, [pcm.buffer]);
  }
}

registerProcessor("contactcenter-capture", Capture);
