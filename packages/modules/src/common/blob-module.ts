import { EINVAL } from "@sof-ts/kit";
import type { FragmentPosition } from "@sof-ts/module-api";
import { ENUM_PARAM, SWITCH_PARAM } from "./control-payload.js";

/** What keeps a blob: {@link ConfigBlob} or {@link ParsedBlob}. */
export interface BlobKeeper {
  live: boolean;
  set(position: FragmentPosition, sizeOrOffset: number, fragment: Uint8Array): number;
  get(out: Uint8Array): number;
}

/** A module that is configured by one blob, whatever its parameter id. */
export abstract class BlobModule {
  protected abstract readonly blob: BlobKeeper;

  reset(): number {
    this.blob.live = false;
    return 0;
  }

  setConfiguration(
    _paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    return this.blob.set(position, sizeOrOffset, fragment);
  }

  getConfiguration(_paramId: number, out: Uint8Array): number {
    return this.blob.get(out);
  }
}

/** A module that has a blob and may have switches and enums; it refuses those that it does not have. */
export abstract class ControlledModule extends BlobModule {
  override setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId === SWITCH_PARAM) return this.setSwitch(fragment);
    if (paramId === ENUM_PARAM) return this.setEnum(fragment);
    return super.setConfiguration(paramId, position, sizeOrOffset, fragment);
  }

  override getConfiguration(paramId: number, out: Uint8Array): number {
    if (paramId === SWITCH_PARAM || paramId === ENUM_PARAM) return -EINVAL;
    return super.getConfiguration(paramId, out);
  }

  protected setSwitch(_payload: Uint8Array): number {
    return -EINVAL;
  }

  protected setEnum(_payload: Uint8Array): number {
    return -EINVAL;
  }
}
