import { generateSignal, type PcmAudio, type SampleLayout } from "../src/wav/index.js";

/** Noise at half of full scale, another one in each channel. */
export function noise(
  rate: number,
  channels: number,
  frames: number,
  layout: SampleLayout,
): PcmAudio {
  const signals = Array.from(
    { length: channels },
    (_, i) => ({ kind: "noise", seed: i + 1, amplitude: 0.5 }) as const,
  );
  return generateSignal(signals, { rate, channels, layout }, frames);
}
