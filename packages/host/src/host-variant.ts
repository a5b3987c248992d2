/**
 * In what hosts differ that speak to the same firmware. {@link linuxVariant} is the Linux driver,
 * {@link testbenchVariant} SOF's testbench.
 */
export interface HostVariant {
  readonly mode: "linux" | "testbench";
  /** Most payload bytes of one message; larger parameters go in fragments. */
  readonly chunkBytes: number;
  /** Numbers of modules: their place in the firmware's manifest, or the testbench's fixed ones. */
  readonly moduleIds: "manifest" | "testbench";
  /** Append the module's UUID (16 bytes) to each init payload, for a firmware without a manifest. */
  readonly appendUuid: boolean;
  /** Bind routes when all modules exist, or each route right after its sink was made. */
  readonly bindOrder: "afterSetup" | "withSink";
  /** Queue numbers by pin bindings and allocators, or always 0. */
  readonly queueIds: "allocated" | "zero";
  /** Core, priority and low-power mode of pipelines and modules: the topology's, or all 0. */
  readonly placement: "topology" | "zero";
  /** Buffer sizes in init payloads: the topology's, or two periods of 1 ms. */
  readonly bufferSizes: "topology" | "twoPeriods";
  /** Controls whose values are sent when a module was made. */
  readonly initialControls: "all" | "bytes";
  /** Pin formats in the init payload of processing modules: when the manifest asks for them, or always. */
  readonly pinFormats: "manifest" | "always";
  /** One message for all pipelines of a stream that change state, or one for each. */
  readonly stateMessages: "grouped" | "single";
  /**
   * Which pipeline changes first: by the driver's rules of direction and priority, with back ends that drive their
   * own; or always in the order of set-up, and no back end drives any.
   */
  readonly stateOrder: "driver" | "setup";
}

/** The Linux SOF driver. */
export const linuxVariant: HostVariant = {
  mode: "linux",
  chunkBytes: 4096,
  moduleIds: "manifest",
  appendUuid: false,
  bindOrder: "afterSetup",
  queueIds: "allocated",
  placement: "topology",
  bufferSizes: "topology",
  initialControls: "all",
  pinFormats: "manifest",
  stateMessages: "grouped",
  stateOrder: "driver",
};

/**
 * SOF's testbench, speaking to a firmware that has a manifest and gateways. Against a firmware that picks
 * modules by an appended UUID, set `moduleIds: "testbench"` and `appendUuid: true`.
 */
export const testbenchVariant: HostVariant = {
  mode: "testbench",
  chunkBytes: 0x400,
  moduleIds: "manifest",
  appendUuid: false,
  bindOrder: "withSink",
  queueIds: "zero",
  placement: "zero",
  bufferSizes: "twoPeriods",
  initialControls: "bytes",
  pinFormats: "always",
  stateMessages: "single",
  stateOrder: "setup",
};
