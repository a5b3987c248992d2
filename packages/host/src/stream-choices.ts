import { type PinFormat, supportsRate, type Widget } from "@sof-ts/topology";
import type { DriverServices } from "./driver-services.js";
import { HostError } from "./host-error.js";
import type { PcmPath } from "./path.js";
import { isPcmFormat, type PcmFormat, sampleLayout } from "./pcm-params.js";
import { planStream, requireModules } from "./stream-graph.js";

/** A rate, channel count and format that a stream can be set up with. */
export interface StreamChoice {
  readonly rate: number;
  readonly channels: number;
  readonly format: PcmFormat;
}

/**
 * Lists the formats of the host copier's outer side that the PCM offers and that fit through the path.
 *
 * @throws HostError when a module of the path is missing in the firmware
 */
export function supportedChoices(services: DriverServices, path: PcmPath): StreamChoice[] {
  requireModules(services, path);
  return offered(path).filter((choice) => path.chainDma || fits(services, path, choice));
}

function fits(services: DriverServices, path: PcmPath, choice: StreamChoice): boolean {
  const { validBits } = sampleLayout(choice.format);
  try {
    planStream(services, path, { rate: choice.rate, channels: choice.channels, validBits });
    return true;
  } catch (error) {
    if (error instanceof HostError) return false;
    throw error;
  }
}

/** What the host copier lists and the PCM's capabilities include, without repetitions. */
function offered({ host, stream, direction }: PcmPath): StreamChoice[] {
  const choices = new Map<string, StreamChoice>();
  for (const { format } of hostSide(host, direction)) {
    const name = formatName(format);
    const { rate, channels } = format;
    const taken =
      name !== null &&
      stream.formats.includes(name) &&
      supportsRate(stream.rates, rate) &&
      channels >= stream.channels.min &&
      channels <= stream.channels.max;
    if (taken) choices.set(`${rate} ${channels} ${name}`, { rate, channels, format: name });
  }
  return [...choices.values()];
}

function hostSide(host: Widget, direction: PcmPath["direction"]): readonly PinFormat[] {
  return direction === "playback" ? host.inputFormats.sets : host.outputFormats.sets;
}

/** @returns ALSA's name of a copier's format, null for one that it has no name for here */
function formatName({ bitDepth, validBits, sampleType }: PinFormat["format"]): PcmFormat | null {
  if (sampleType === 4) return "FLOAT_LE";
  const name = validBits === 8 ? "U8" : bitDepth === 24 ? "S24_3LE" : `S${validBits}_LE`;
  return isPcmFormat(name) ? name : null;
}
