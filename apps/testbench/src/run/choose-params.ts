import type { HostDriver, PcmFormat, PcmParams, StreamChoice, StreamDirection } from "@sof-ts/host";
import { InputError } from "@sof-ts/kit";
import type { SampleLayout } from "../wav/index.js";

/** Layouts of the host's samples by ALSA format. */
const layouts: Partial<Readonly<Record<PcmFormat, SampleLayout>>> = {
  S16_LE: "S16_LE",
  S24_LE: "S24_4LE",
  S24_3LE: "S24_3LE",
  S32_LE: "S32_LE",
  FLOAT_LE: "FLOAT",
};

const bits: Partial<Readonly<Record<PcmFormat, number>>> = {
  S16_LE: 16,
  S24_LE: 24,
  S24_3LE: 24,
  S32_LE: 32,
  FLOAT_LE: 24,
};

/** What the audio is, or what the user asks the PCM for. */
export interface WantedParams {
  readonly rate: number;
  readonly channels: number;
  readonly layout: SampleLayout;
  /** Take this format and no other. */
  readonly exact: boolean;
}

/** Parameters for a PCM and the layout of its samples. */
export interface ChosenParams {
  readonly params: PcmParams;
  readonly layout: SampleLayout;
}

/** Host ring: periods of 10 ms. */
const PERIODS_PER_SECOND = 100;
const PERIODS = 16;

/**
 * Chooses what to set a PCM up with: the audio's own rate and channels, and its own sample format where the
 * PCM takes it, else the narrowest that loses nothing, else the widest.
 *
 * @throws InputError that lists what the PCM takes
 */
export function chooseParams(
  driver: HostDriver,
  pcm: string,
  direction: StreamDirection,
  wanted: WantedParams,
): ChosenParams {
  const offered = driver
    .supportedParams(pcm, direction)
    .filter(({ format }) => layouts[format] !== undefined);
  const fitting = offered.filter(
    ({ rate, channels }) => rate === wanted.rate && channels === wanted.channels,
  );
  const exact = fitting.find(({ format }) => layouts[format] === wanted.layout);
  const choice = exact ?? (wanted.exact ? undefined : nearest(fitting, wanted.layout));
  if (choice === undefined) {
    throw new InputError(
      `PCM "${pcm}" cannot take ${wanted.rate} Hz, ${wanted.channels} channels${wanted.exact ? `, ${wanted.layout}` : ""}`,
      { remedy: `It takes: ${describeChoices(offered)}` },
    );
  }
  const periodFrames = Math.max(1, Math.floor(choice.rate / PERIODS_PER_SECOND));
  return {
    params: { ...choice, periodFrames, bufferFrames: periodFrames * PERIODS },
    layout: layouts[choice.format] as SampleLayout,
  };
}

function nearest(choices: readonly StreamChoice[], layout: SampleLayout): StreamChoice | undefined {
  const need = layout === "FLOAT" ? 32 : layout === "S16_LE" ? 16 : layout === "S32_LE" ? 32 : 24;
  const sorted = choices.toSorted((a, b) => (bits[a.format] ?? 0) - (bits[b.format] ?? 0));
  return sorted.find(({ format }) => (bits[format] ?? 0) >= need) ?? sorted.at(-1);
}

/** `48000 Hz 2 ch S16_LE S24_LE, 16000 Hz 1 ch S16_LE` */
function describeChoices(choices: readonly StreamChoice[]): string {
  if (choices.length === 0) return "nothing that this program can play";
  const groups = new Map<string, string[]>();
  for (const { rate, channels, format } of choices) {
    const key = `${rate} Hz ${channels} ch`;
    groups.set(key, [...(groups.get(key) ?? []), format]);
  }
  return [...groups].map(([key, formats]) => `${key} ${formats.join(" ")}`).join(", ");
}
