import { EINVAL, ENOSYS } from "@sof-ts/kit";
import type {
  AudioModule,
  AudioStream,
  BindInfo,
  Blocking,
  FragmentPosition,
  ModuleHandle,
  Trigger,
} from "@sof-ts/module-api";

/**
 * A module that runs in the firmware's own domain: every operation is a plain call on the caller's thread.
 */
export class DirectModule implements ModuleHandle {
  readonly direct: AudioModule;
  readonly waits = false;

  constructor(module: AudioModule) {
    this.direct = module;
  }

  *prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): Blocking<number> {
    return this.direct.prepare(sources, sinks);
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    return this.direct.process(sources, sinks);
  }

  *reset(): Blocking<number> {
    return this.direct.reset();
  }

  *free(): Blocking<void> {
    this.direct.free();
  }

  *setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): Blocking<number> {
    return this.direct.setConfiguration?.(paramId, position, sizeOrOffset, fragment) ?? -EINVAL;
  }

  *getConfiguration(paramId: number, out: Uint8Array): Blocking<number> {
    return this.direct.getConfiguration?.(paramId, out) ?? -EINVAL;
  }

  *setConfigParam(paramId: number, value: number): Blocking<number> {
    return this.direct.setConfigParam?.(paramId, value) ?? -ENOSYS;
  }

  *getConfigParam(paramId: number): Blocking<number> {
    return this.direct.getConfigParam?.(paramId) ?? -ENOSYS;
  }

  *bind(info: BindInfo): Blocking<number> {
    return this.direct.bind?.(info) ?? 0;
  }

  *unbind(info: BindInfo): Blocking<number> {
    return this.direct.unbind?.(info) ?? 0;
  }

  *trigger(command: Trigger): Blocking<number> {
    return this.direct.trigger?.(command) ?? 0;
  }
}
