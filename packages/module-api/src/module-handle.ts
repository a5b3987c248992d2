import type { AudioModule, BindInfo, FragmentPosition, Trigger } from "./audio-module.js";
import type { AudioStream } from "./audio-stream.js";

/** A call that may block in the RTOS: yields whatever the kernel's threads yield, returns a result. */
export type Blocking<T> = Generator<number, T, number>;

/**
 * An instance as the pipeline sees it. The configuration operations may block, because an isolated module
 * answers them on another thread; `process` never does. A module that is called directly and one behind
 * the userspace proxy look the same from here.
 */
export interface ModuleHandle {
  /** The instance itself when it can be reached directly, else null. */
  readonly direct: AudioModule | null;
  /**
   * Whether operations wait for another thread, which no lock of a component is held for: that thread's other
   * callers would wait in the tick. Also of an instance that {@link direct} reaches.
   */
  readonly waits: boolean;
  /**
   * Frames of delay between input and output, 0 where the module knows of none. That of an isolated module is what it
   * told when it was last prepared or configured: reading it runs no code of the module.
   */
  readonly latencyFrames: number;
  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): Blocking<number>;
  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number;
  reset(): Blocking<number>;
  /**
   * Frees the instance with all that it has, whatever it returns.
   *
   * @returns 0; a negative errno when the module's own part of it failed
   */
  free(): Blocking<number>;
  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): Blocking<number>;
  getConfiguration(paramId: number, out: Uint8Array): Blocking<number>;
  setConfigParam(paramId: number, value: number): Blocking<number>;
  getConfigParam(paramId: number): Blocking<number>;
  bind(info: BindInfo): Blocking<number>;
  unbind(info: BindInfo): Blocking<number>;
  /**
   * A connection has gone without `unbind`, because an end of it is being deleted: its ring is not to be touched any
   * more. Calling context: an IPC thread, graph locked; does not block.
   */
  detached?(stream: AudioStream): void;
  trigger(command: Trigger): Blocking<number>;
}
