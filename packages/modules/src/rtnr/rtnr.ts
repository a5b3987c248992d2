import { EINVAL } from "@sof-ts/kit";
import type { AudioStream, FragmentPosition } from "@sof-ts/module-api";
import { ConfigBlob } from "../common/config-blob.js";
import { parseControl, SWITCH_PARAM } from "../common/control-payload.js";
import { ParsedBlob } from "../common/parsed-blob.js";
import { StandIn } from "../common/stand-in.js";

const Param = { CONFIG: 0, DATA: 1 } as const;
const CONFIG_BYTES = 32;
const ENABLED_OFFSET = 20;
const RATE_OFFSET = 24;
const rates = [16000, 48000];

interface RtnrConfig {
  readonly enabled: boolean;
  readonly rate: number;
}

function parseRtnrBlob(blob: Uint8Array): RtnrConfig | number {
  if (blob.length !== CONFIG_BYTES) return -EINVAL;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint32(0, true) !== CONFIG_BYTES) return -EINVAL;
  return {
    enabled: view.getInt32(ENABLED_OFFSET, true) !== 0,
    rate: view.getUint32(RATE_OFFSET, true),
  };
}

/** Stands in for Realtek's noise reduction. */
export class Rtnr extends StandIn {
  /** What the switch and the configuration say; the stand-in copies in both states. */
  enabled = false;
  protected readonly blob = new ParsedBlob(parseRtnrBlob);
  private readonly data = new ConfigBlob();

  override prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const config = this.blob.takeNew() ?? this.blob.current;
    if (config === null || !rates.includes(config.rate)) return -EINVAL;
    if (!rates.includes(this.base.audioFmt.samplingFrequency)) return -EINVAL;
    const ret = super.prepare(sources, sinks);
    if (ret < 0) return ret;
    this.enabled = config.enabled;
    this.data.live = true;
    return 0;
  }

  override reset(): number {
    this.data.live = false;
    return super.reset();
  }

  override setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId === SWITCH_PARAM) return this.setSwitch(fragment);
    if (paramId === Param.CONFIG) return this.blob.set(position, sizeOrOffset, fragment);
    return paramId === Param.DATA ? this.data.set(position, sizeOrOffset, fragment) : -EINVAL;
  }

  override getConfiguration(): number {
    return -EINVAL;
  }

  protected takeConfiguration(): void {
    const config = this.blob.takeNew();
    if (config !== null) this.enabled = config.enabled;
    this.data.takeNew();
  }

  /** Any channel that is switched on switches the module on. */
  protected override setSwitch(payload: Uint8Array): number {
    const control = parseControl(payload);
    if (control === null) return -EINVAL;
    this.enabled = control.values.some(({ value }) => value !== 0);
    return 0;
  }
}
