import { ByteWriter, EINVAL, parseUuid } from "@sof-ts/kit";
import {
  ALL_CHANNELS,
  asrcConfig,
  AsrcMode,
  type BaseModuleCfg,
  baseModuleCfg,
  type CopierGateway,
  encodeBaseModuleCfgExt,
  encodeCopierConfig,
  encodeExtendedInit,
  encodeGainConfig,
  InitObjectId,
  memoryRequest,
  srcConfig,
} from "@sof-ts/ipc4";
import type { PinFormat, Widget } from "@sof-ts/topology";
import { wireFormat } from "./audio-format.js";
import type { ChosenFormats } from "./format-selection.js";
import { HostError } from "./host-error.js";
import { cyclesPerChunk, type FirmwareModule } from "./module-table.js";
import type { StreamDirection } from "./ports.js";

/** What an init payload is made of. */
export interface InitPayloadInput {
  readonly widget: Widget;
  readonly module: FirmwareModule;
  readonly formats: ChosenFormats;
  /** Buffer bytes of a period. */
  readonly ibs: number;
  readonly obs: number;
  readonly direction: StreamDirection;
  /** Of copiers. */
  readonly gateway: CopierGateway | null;
  /** Send pin formats of processing modules. */
  readonly pinFormats: boolean;
  /** The module runs in a thread of its own. */
  readonly dataProcessing: boolean;
  /** Put the extended header in front for data-processing modules. */
  readonly extendedInit: boolean;
  readonly appendUuid: boolean;
}

/** An init payload and whether it has the extended header. */
export interface InitPayload {
  readonly bytes: Uint8Array;
  readonly extended: boolean;
}

/**
 * Builds the payload of INIT_INSTANCE for a widget, as the Linux driver does for its kind.
 *
 * @throws HostError EINVAL for a kind that the driver does not know, or a pin without a format
 */
export function initPayload(input: InitPayloadInput): InitPayload {
  const init = moduleInit(input);
  const extended = input.extendedInit && input.dataProcessing;
  const bytes = extended ? withMemoryNeeds(input.widget, init) : init;
  if (!input.appendUuid) return { bytes, extended };
  const uuid = parseUuid(input.module.uuid);
  const total = bytes.length + uuid.length;
  return { bytes: new ByteWriter(total).bytes(bytes).bytes(uuid).finish(), extended };
}

function moduleInit(input: InitPayloadInput): Uint8Array {
  const { widget, formats, direction } = input;
  const base = baseConfig(input);
  const output = formats.output?.format ?? formats.input.format;
  switch (widget.kind) {
    case "host":
    case "dai":
    case "copier":
      return encodeCopierConfig({
        base,
        outFmt: wireFormat(output),
        featureMask: 0,
        gateway: input.gateway as CopierGateway,
      });
    case "gain":
      return encodeGainConfig({
        base,
        entries: [
          {
            channelId: ALL_CHANNELS,
            targetVolume: widget.gain?.initValue ?? 0x7fff_ffff,
            curveType: widget.gain?.rampType ?? 0,
            curveDuration: BigInt(widget.gain?.rampDuration ?? 0),
          },
        ],
      });
    case "mixin":
    case "mixout":
    case "mixer":
      return baseModuleCfg.encode(base);
    case "src":
      return srcConfig.encode({ base, sinkRate: output.rate });
    case "asrc":
      return asrcConfig.encode({
        base,
        outFreq: output.rate,
        mode: (widget.rates?.operationMode ?? directionMode(direction)) & 3,
        disableJitterBuffer: false,
      });
    case "process":
      if (!input.pinFormats) return baseModuleCfg.encode(base);
      return encodeBaseModuleCfgExt({
        base,
        inputPins: pins(widget, "input", formats.input, input.ibs).map(({ pin, bytes, set }) => ({
          pinIndex: pin,
          ibs: bytes,
          audioFmt: wireFormat(set.format),
        })),
        outputPins: pins(widget, "output", formats.output, input.obs).map(
          ({ pin, bytes, set }) => ({
            pinIndex: pin,
            obs: bytes,
            audioFmt: wireFormat(set.format),
          }),
        ),
      });
    default:
      throw new HostError(`widgets of type ${widget.dapmType} are not supported`, {
        errno: EINVAL,
        widget: widget.name,
      });
  }
}

function baseConfig({ widget, module, formats, ibs, obs }: InitPayloadInput): BaseModuleCfg {
  return {
    cpc: cyclesPerChunk(module, ibs, obs),
    ibs,
    obs,
    isPages: widget.isPages,
    audioFmt: wireFormat(formats.input.format),
  };
}

const directionMode = (direction: StreamDirection): number =>
  direction === "playback" ? AsrcMode.PUSH : AsrcMode.PULL;

interface Pin {
  readonly pin: number;
  readonly bytes: number;
  readonly set: PinFormat;
}

/** Pin 0 has the chosen format; the others the first that the topology gives for them. */
function pins(
  widget: Widget,
  side: "input" | "output",
  chosen: PinFormat | null,
  chosenBytes: number,
): Pin[] {
  const count = side === "input" ? widget.inputPins : widget.outputPins;
  const { sets } = side === "input" ? widget.inputFormats : widget.outputFormats;
  return Array.from({ length: count }, (_, pin) => {
    if (pin === 0 && chosen !== null) return { pin, bytes: chosenBytes, set: chosen };
    const set = sets.find((candidate) => candidate.pin === pin);
    if (set === undefined) {
      throw new HostError(`the topology gives no format for ${side} pin ${pin}`, {
        errno: EINVAL,
        widget: widget.name,
      });
    }
    return { pin, bytes: set.bufferBytes, set };
  });
}

function withMemoryNeeds(widget: Widget, init: Uint8Array): Uint8Array {
  const { memoryDomain, stackBytes, heapBytes } = widget.domain;
  const data = memoryRequest.encode({
    domainId: memoryDomain ?? 0,
    stackBytes: stackBytes ?? 0,
    heapBytes: heapBytes ?? 0,
  });
  return encodeExtendedInit({
    rtosDomain: false,
    gnaUsed: false,
    objects: [{ id: InitObjectId.DP_DATA, data }],
    init,
  });
}
