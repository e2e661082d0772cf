// Invariant: output sample k is the band-limited input at time k * inRate / outRate exactly. No drift, no
// aliasing above the lower of the two Nyquist limits, no click where one written block meets the next.
//
// A polyphase windowed-sinc filter for any rational ratio. It is a file of its own, put on the worklet's
// global scope, because capture and playback share it and `import` inside worklet modules is not safe in
// every browser; addModule() of several files into one scope is.

(() => {
  const ZERO_CROSSINGS = 16; // each side: > 80 dB stop band with the Kaiser window below
  const KAISER_BETA = 8;

  const gcd = (a, b) => (b ? gcd(b, a % b) : a);

  function bessel0(x) {
    let sum = 1;
    let term = 1;
    for (let k = 1; k < 32; k += 1) {
      term *= (x / (2 * k)) ** 2;
      sum += term;
    }
    return sum;
  }

  class Resampler {
    /** @param {number} inRate Hz  @param {number} outRate Hz */
    constructor(inRate, outRate) {
      const divisor = gcd(Math.round(inRate), Math.round(outRate));
      this.up = Math.round(outRate) / divisor; // phases
      this.down = Math.round(inRate) / divisor; // steps of 1/up input samples per output sample
      const cutoff = Math.min(1, this.up / this.down) * (this.up === this.down ? 1 : 0.94);
      this.half = this.up === this.down ? 1 : Math.ceil(ZERO_CROSSINGS / cutoff); // input samples each side
      this.taps = 2 * this.half;
      this.table = this.#design(cutoff);
      this.reset();
    }

    #design(cutoff) {
      const table = new Float32Array(this.up * this.taps);
      const norm = bessel0(KAISER_BETA);
      for (let phase = 0; phase < this.up; phase += 1) {
        let sum = 0;
        const row = phase * this.taps;
        for (let tap = 0; tap < this.taps; tap += 1) {
          const x = tap - this.half + 1 - phase / this.up; // distance in input samples
          const inside = 1 - (x / this.half) ** 2;
          const window = inside > 0 ? bessel0(KAISER_BETA * Math.sqrt(inside)) / norm : 0;
          const angle = Math.PI * x * cutoff;
          const sinc = Math.abs(angle) < 1e-9 ? 1 : Math.sin(angle) / angle;
          table[row + tap] = sinc * window;
          sum += sinc * window;
        }
        for (let tap = 0; tap < this.taps; tap += 1) table[row + tap] /= sum; // exact gain at DC
      }
      return table;
    }

    reset() {
      this.buffer = new Float32Array(8192);
      this.length = this.half - 1; // silence before the first sample, so that output 0 sits on input 0
      this.base = 0; // index in `buffer` of the filter's first tap
      this.phase = 0;
      this.produced = 0;
    }

    /** Appends input samples. @param {Float32Array} samples */
    write(samples) {
      if (this.length + samples.length > this.buffer.length) {
        const keep = this.length - this.base;
        const need = keep + samples.length;
        const target = need > this.buffer.length ? new Float32Array(2 * need) : this.buffer;
        target.set(this.buffer.subarray(this.base, this.length));
        this.buffer = target;
        this.length = keep;
        this.base = 0;
      }
      this.buffer.set(samples, this.length);
      this.length += samples.length;
    }

    /** Pads with silence so that the last real samples come out. */
    flush() {
      this.write(new Float32Array(this.half));
    }

    /** How many output samples can be read now. */
    get available() {
      const room = this.length - this.base - this.taps; // whole input samples the filter may still advance
      return room < 0 ? 0 : Math.floor((room * this.up + this.up - 1 - this.phase) / this.down) + 1;
    }

    /** Fills out[from..to) as far as there is input. @returns {number} samples written */
    read(out, from, to) {
      const count = Math.min(to - from, this.available);
      const { table, taps, buffer } = this;
      for (let i = 0; i < count; i += 1) {
        const row = this.phase * taps;
        let sum = 0;
        for (let tap = 0; tap < taps; tap += 1) sum += table[row + tap] * buffer[this.base + tap];
        out[from + i] = sum;
        this.phase += this.down;
        const whole = Math.floor(this.phase / this.up);
        this.base += whole;
        this.phase -= whole * this.up;
      }
      this.produced += count;
      return count;
    }
  }

  globalThis.ContactCenterResampler = Resampler;
})();
