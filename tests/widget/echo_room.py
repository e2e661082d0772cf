"""How much of the agent's voice comes back through the microphone: a measurement by hand, not a test.

It needs PulseAudio, which makes a room in which the microphone hears exactly what the loudspeaker plays::

    pulseaudio --daemonize=yes --exit-idle-time=-1 -n -L module-native-protocol-unix \\
        -L "module-null-sink sink_name=room rate=48000" -L "module-remap-source source_name=mic master=room.monitor"
    pactl set-default-source mic
    python -m tests.widget.echo_room

Prints the microphone's level in dB for each route and kind of echo cancellation, without noise suppression and gain
control, four seconds after the voice began. The figures are in docs/decisions/0030-the-agents-voice-and-the-echo.md.
"""

from __future__ import annotations

import shutil

from playwright.sync_api import sync_playwright

from .driving import FLAGS
from .mock_server import MockServer

MEASURE = """async ({ route, wish }) => {
  const audio = { echoCancellation: wish, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const context = new AudioContext();
  await context.resume();
  const { Output } = await import("/static/widget/output.js");
  const buffer = context.createBuffer(1, context.sampleRate * 9, context.sampleRate);
  const data = buffer.getChannelData(0);
  let low = 0;
  for (let i = 0; i < data.length; i += 1) {  // noise with the rhythm of syllables and sentences
    const t = i / context.sampleRate;
    low = 0.9 * low + 0.1 * (Math.random() * 2 - 1);
    data[i] = 1.2 * low * Math.max(0, Math.sin(6 * Math.PI * t)) * (Math.sin(1.4 * Math.PI * t) > -0.3 ? 1 : 0);
  }
  const voice = new AudioBufferSourceNode(context, { buffer });
  const output = new Output(context);
  await output.connect(voice, { loopback: route === "loopback" });
  const used = output.kind;
  const meter = new AnalyserNode(context, { fftSize: 4096 });
  new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(meter);
  voice.start();
  const block = new Float32Array(4096);
  const powers = [];
  const began = performance.now();
  while (performance.now() - began < 8500) {
    await new Promise((resolve) => setTimeout(resolve, 85));
    meter.getFloatTimeDomainData(block);
    if (performance.now() - began > 4000) powers.push(block.reduce((sum, v) => sum + v * v, 0) / 4096);
  }
  stream.getTracks().forEach((track) => track.stop());
  output.close();
  context.close();
  return [used, 10 * Math.log10(powers.reduce((sum, v) => sum + v, 0) / powers.length + 1e-12)];
}"""


def main() -> None:
    fakes = ("--use-fake-device-for-media-stream", "--disable-audio-output")
    flags = [flag for flag in FLAGS if flag not in fakes]
    with MockServer() as server, sync_playwright() as playwright:
        for extra in ([], ["--disable-features=ChromeWideEchoCancellation"]):
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                ignore_default_args=["--mute-audio"],
                args=[*flags, *extra, "--autoplay-policy=no-user-gesture-required"],
            )
            page = browser.new_page()
            page.goto(f"{server.url}/host")
            for route in ("direct", "loopback"):
                for wish in (False, True, {"exact": "remote-only"}):
                    used, level = page.evaluate(MEASURE, {"route": route, "wish": wish})
                    print(f"{extra or 'default'!s:50} {used:9} {wish!s:26} {level:6.1f} dB")
            browser.close()


if __name__ == "__main__":
    main()
