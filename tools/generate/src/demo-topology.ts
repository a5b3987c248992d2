import { audioFormat, TopologyBuilder, volumeControl } from "@sof-ts/topology";

const s16 = audioFormat("S16_LE");
const s24 = audioFormat("S24_LE");
const s32 = audioFormat("S32_LE");
const inside = { format: s32 };
const hostFormats = [s16, s24, s32];

/**
 * Makes the demo's topology: two playback PCMs, each with its own volume, mixed into one HD-A output with a
 * master volume, and a microphone with a capture volume. It needs copier, gain, mixin and mixout only.
 */
export function makeDemoTopology(): Uint8Array {
  const builder = new TopologyBuilder();

  const music = builder.pipeline({ id: 1 });
  const musicHost = music.hostCopier({
    direction: "playback",
    stream: "Music Playback",
    pcm: 0,
    inputs: hostFormats,
    outputs: [s32, s32, s32],
  });
  const musicGain = music.gain({
    ...inside,
    controls: [volumeControl({ name: "Music Playback Volume" })],
  });
  const musicMixin = music.mixin(inside);

  const alerts = builder.pipeline({ id: 2, lpMode: true });
  const alertsHost = alerts.hostCopier({
    direction: "playback",
    stream: "Alerts Playback",
    pcm: 1,
    deepBufferMs: 100,
    inputs: hostFormats,
    outputs: [s32, s32, s32],
  });
  const alertsGain = alerts.gain({
    ...inside,
    controls: [volumeControl({ name: "Alerts Playback Volume" })],
  });
  const alertsMixin = alerts.mixin(inside);

  const output = builder.pipeline({ id: 3 });
  const mixout = output.mixout(inside);
  const master = output.gain({
    ...inside,
    controls: [volumeControl({ name: "Master Playback Volume" })],
  });
  const speaker = output.daiCopier({
    ...inside,
    direction: "playback",
    type: "HDA",
    link: "Analog Playback",
  });

  const input = builder.pipeline({ id: 4 });
  const microphone = input.daiCopier({
    ...inside,
    direction: "capture",
    type: "HDA",
    link: "Analog Capture",
  });
  const captureGain = input.gain({
    ...inside,
    controls: [volumeControl({ name: "Mic Capture Volume" })],
  });
  const captureHost = input.hostCopier({
    direction: "capture",
    stream: "Mic Capture",
    pcm: 2,
    inputs: [s32, s32, s32],
    outputs: hostFormats,
  });

  builder
    .route(musicHost, musicGain, musicMixin, mixout)
    .route(alertsHost, alertsGain, alertsMixin, mixout)
    .route(mixout, master, speaker)
    .route(microphone, captureGain, captureHost);
  const formats = ["S16_LE", "S24_LE", "S32_LE"] as const;
  builder
    .pcm({ id: 0, name: "Music", playback: { host: musicHost, formats } })
    .pcm({ id: 1, name: "Alerts", playback: { host: alertsHost, formats } })
    .pcm({ id: 2, name: "Mic", capture: { host: captureHost, formats } })
    .link({ id: 0, name: "Analog Playback", type: "HDA", index: 0 })
    .link({ id: 1, name: "Analog Capture", type: "HDA", index: 1 });
  return builder.build();
}
