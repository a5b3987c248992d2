import { EFAULT, EINVAL, ENOSYS } from "@sof-ts/kit";
import type { AudioModule, BindInfo, FragmentPosition, Trigger } from "./audio-module.js";
import type { AudioStream } from "./audio-stream.js";
import type { Blocking, ModuleHandle } from "./module-handle.js";

/** The operations of a module besides `process`, wherever they are carried out. */
export type ModuleOperations = Omit<
  ModuleHandle,
  "direct" | "process" | "waits" | "latencyFrames" | "detached"
>;

/**
 * Told that code of a module threw in an operation, which is answered with -EFAULT then. Throws on what is none
 * of the module's doing, such as the end of the calling thread. Calling context: that of the operation.
 */
export type ThrownHandler = (operation: keyof ModuleOperations | "create", error: unknown) => void;

/** Lets everything that is thrown pass: its caller is to see it. */
export const passOn: ThrownHandler = (_operation, error) => {
  throw error;
};

/**
 * The operations of a module as plain calls on the caller's thread. What the module throws goes no further than
 * here: the graph that the caller is changing stays whole, its locks are given back, and the host is answered.
 *
 * Calling context: threads; does not block.
 */
export class DirectOperations implements ModuleOperations {
  private readonly module: AudioModule;
  private readonly thrown: ThrownHandler;

  /** @param thrown told of each operation that threw; by default it throws on */
  constructor(module: AudioModule, thrown: ThrownHandler = passOn) {
    this.module = module;
    this.thrown = thrown;
  }

  *prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): Blocking<number> {
    return this.guarded("prepare", () => this.module.prepare(sources, sinks));
  }

  *reset(): Blocking<number> {
    return this.guarded("reset", () => this.module.reset());
  }

  *free(): Blocking<number> {
    return this.guarded("free", () => {
      this.module.free();
      return 0;
    });
  }

  *setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): Blocking<number> {
    return this.guarded(
      "setConfiguration",
      () => this.module.setConfiguration?.(paramId, position, sizeOrOffset, fragment) ?? -EINVAL,
    );
  }

  *getConfiguration(paramId: number, out: Uint8Array): Blocking<number> {
    return this.guarded(
      "getConfiguration",
      () => this.module.getConfiguration?.(paramId, out) ?? -EINVAL,
    );
  }

  *setConfigParam(paramId: number, value: number): Blocking<number> {
    return this.guarded(
      "setConfigParam",
      () => this.module.setConfigParam?.(paramId, value) ?? -ENOSYS,
    );
  }

  *getConfigParam(paramId: number): Blocking<number> {
    return this.guarded("getConfigParam", () => this.module.getConfigParam?.(paramId) ?? -ENOSYS);
  }

  *bind(info: BindInfo): Blocking<number> {
    return this.guarded("bind", () => this.module.bind?.(info) ?? 0);
  }

  *unbind(info: BindInfo): Blocking<number> {
    return this.guarded("unbind", () => this.module.unbind?.(info) ?? 0);
  }

  *trigger(command: Trigger): Blocking<number> {
    return this.guarded("trigger", () => this.module.trigger?.(command) ?? 0);
  }

  private guarded(name: keyof ModuleOperations, operation: () => number): number {
    try {
      return operation();
    } catch (error) {
      this.thrown(name, error);
      return -EFAULT;
    }
  }
}
