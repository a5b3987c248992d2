import {
  type AudioModule,
  type AudioStream,
  DirectOperations,
  type ModuleHandle,
  type ThrownHandler,
} from "@sof-ts/module-api";

/**
 * A module that runs in the firmware's own domain: every operation is a plain call on the caller's thread.
 */
export class DirectModule extends DirectOperations implements ModuleHandle {
  readonly direct: AudioModule;
  readonly waits = false;

  /** @param thrown as for {@link DirectOperations}; what `process` throws is the LL thread's fault */
  constructor(module: AudioModule, thrown?: ThrownHandler) {
    super(module, thrown);
    this.direct = module;
  }

  get latencyFrames(): number {
    return this.direct.latencyFrames ?? 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    return this.direct.process(sources, sinks);
  }

  detached(stream: AudioStream): void {
    this.direct.detached?.(stream);
  }
}
