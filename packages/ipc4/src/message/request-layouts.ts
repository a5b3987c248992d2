import { GlobalMessage, ModuleMessage } from "./types.js";
import {
  extension,
  extensionFlag,
  primary,
  primaryFlag,
  type WordFields,
  wordLayout,
} from "./word-layout.js";

const MODULE_TARGET = 1 << 30;
/** Type, reply and target bits. */
const WHICH = 0x7f00_0000;
/** Reply and target bits, for messages whose type is a value. */
const WHICH_BUT_TYPE = 0x6000_0000;

const globalRequest = <const Kind extends string, const F extends WordFields>(
  kind: Kind,
  type: GlobalMessage,
  fields: F,
) => wordLayout(kind, type << 24, WHICH, fields);

const moduleRequest = <const Kind extends string, const F extends WordFields>(
  kind: Kind,
  type: ModuleMessage,
  fields: F,
) =>
  wordLayout(kind, MODULE_TARGET | (type << 24), WHICH, {
    /** Library and manifest index of the module; the source's in BIND and UNBIND. */
    moduleId: primary(0, 16),
    /** Instance of the module; the source's in BIND and UNBIND. */
    instanceId: primary(16, 8),
    ...fields,
  });

/** Fields of messages whose content the firmware does not define. */
const opaque = {
  /** Bits 23:0 of the primary word. */
  parameter: primary(0, 24),
  /** Bits 29:0 of the extension word. */
  data: extension(0, 30),
};

const library = {
  /** Index of the host DMA stream: its tag less one. */
  dmaId: primary(0, 5),
  libId: primary(16, 4),
  /** Not used by the firmware. */
  loadOffset: extension(0, 30),
};

const smallConfig = {
  /** Value; in the reply to CONFIG_GET that which the module gave. */
  data: extension(0, 16),
  paramId: extension(16, 14),
};

const largeConfig = {
  /** Total bytes in the first block, byte offset of the fragment in later ones. */
  dataOffSize: extension(0, 20),
  paramId: extension(20, 8),
  finalBlock: extensionFlag(28),
  initBlock: extensionFlag(29),
};

const connection = {
  dstModuleId: extension(0, 16),
  dstInstanceId: extension(16, 8),
  dstQueue: extension(24, 3),
  srcQueue: extension(27, 3),
};

export const bootConfig = globalRequest("boot-config", GlobalMessage.BOOT_CONFIG, opaque);
export const romControl = globalRequest("rom-control", GlobalMessage.ROM_CONTROL, opaque);

export const ipcGatewayCmd = globalRequest("ipc-gateway-cmd", GlobalMessage.IPCGATEWAY_CMD, {
  /** An `IpcGatewayCmd`. */
  cmd: primary(0, 24),
  /** Bytes that are asked for or sent. */
  dataSize: extension(0, 30),
});

export const perfMeasurementsCmd = globalRequest(
  "perf-measurements-cmd",
  GlobalMessage.PERF_MEASUREMENTS_CMD,
  opaque,
);

export const chainDma = globalRequest("chain-dma", GlobalMessage.CHAIN_DMA, {
  hostDmaId: primary(0, 5),
  linkDmaId: primary(8, 5),
  allocate: primaryFlag(16),
  enable: primaryFlag(17),
  /** Sample containers of two bytes, else four. */
  scs: primaryFlag(18),
  /** Bytes. */
  fifoSize: extension(0, 24),
});

export const loadMultipleModules = globalRequest(
  "load-multiple-modules",
  GlobalMessage.LOAD_MULTIPLE_MODULES,
  opaque,
);
export const unloadMultipleModules = globalRequest(
  "unload-multiple-modules",
  GlobalMessage.UNLOAD_MULTIPLE_MODULES,
  opaque,
);

export const createPipeline = globalRequest("create-pipeline", GlobalMessage.CREATE_PIPELINE, {
  /** Pages of 4096 bytes. */
  memPages: primary(0, 11),
  /** 0 runs first, 7 last. */
  priority: primary(11, 5),
  pipelineId: primary(16, 8),
  lowPower: extensionFlag(0),
  /** A `PipelineAttribute`. */
  attributes: extension(4, 16),
  coreId: extension(20, 4),
  /** A payload with data objects follows. */
  hasPayload: extensionFlag(29),
});

export const deletePipeline = globalRequest("delete-pipeline", GlobalMessage.DELETE_PIPELINE, {
  pipelineId: primary(16, 8),
});

export const setPipelineState = globalRequest(
  "set-pipeline-state",
  GlobalMessage.SET_PIPELINE_STATE,
  {
    /** A `PipelineState`. */
    state: primary(0, 16),
    /** Ignored when `multiPipeline` is set. */
    pipelineId: primary(16, 8),
    /** The payload lists the pipelines. */
    multiPipeline: extensionFlag(0),
    /** Ignored by the firmware. */
    syncStopStart: extensionFlag(1),
  },
);

export const getPipelineState = globalRequest(
  "get-pipeline-state",
  GlobalMessage.GET_PIPELINE_STATE,
  { pipelineId: primary(0, 8) },
);
export const getPipelineContextSize = globalRequest(
  "get-pipeline-context-size",
  GlobalMessage.GET_PIPELINE_CONTEXT_SIZE,
  { pipelineId: primary(16, 8) },
);
export const savePipeline = globalRequest("save-pipeline", GlobalMessage.SAVE_PIPELINE, opaque);
export const restorePipeline = globalRequest(
  "restore-pipeline",
  GlobalMessage.RESTORE_PIPELINE,
  opaque,
);
export const loadLibrary = globalRequest("load-library", GlobalMessage.LOAD_LIBRARY, library);
export const loadLibraryPrepare = globalRequest(
  "load-library-prepare",
  GlobalMessage.LOAD_LIBRARY_PREPARE,
  library,
);
export const internalMessage = globalRequest(
  "internal-message",
  GlobalMessage.INTERNAL_MESSAGE,
  opaque,
);
/** A notification that comes from the wrong side. */
export const notificationRequest = globalRequest(
  "notification-request",
  GlobalMessage.NOTIFICATION,
  opaque,
);
export const enterGdb = globalRequest("enter-gdb", GlobalMessage.ENTER_GDB, opaque);

/** A global message of a type that the protocol does not have. */
export const unknownGlobal = wordLayout("unknown-global", 0, WHICH_BUT_TYPE, {
  type: primary(24, 5),
  ...opaque,
});

export const initInstance = moduleRequest("init-instance", ModuleMessage.INIT_INSTANCE, {
  /** Length of the whole payload in 32-bit words. */
  paramBlockWords: extension(0, 16),
  /** `NO_PIPELINE` for a module without one. */
  pipelineId: extension(16, 8),
  coreId: extension(24, 4),
  /** A `ProcDomain`. */
  procDomain: extension(28, 1),
  /** The payload starts with an extended init header. */
  extendedInit: extensionFlag(29),
});
export const configGet = moduleRequest("config-get", ModuleMessage.CONFIG_GET, smallConfig);
export const configSet = moduleRequest("config-set", ModuleMessage.CONFIG_SET, smallConfig);
export const largeConfigGet = moduleRequest(
  "large-config-get",
  ModuleMessage.LARGE_CONFIG_GET,
  largeConfig,
);
export const largeConfigSet = moduleRequest(
  "large-config-set",
  ModuleMessage.LARGE_CONFIG_SET,
  largeConfig,
);
export const bind = moduleRequest("bind", ModuleMessage.BIND, connection);
export const unbind = moduleRequest("unbind", ModuleMessage.UNBIND, connection);
export const setDx = moduleRequest("set-dx", ModuleMessage.SET_DX, {});
export const setD0ix = moduleRequest("set-d0ix", ModuleMessage.SET_D0IX, {
  wake: extensionFlag(0),
  streaming: extensionFlag(1),
  preventPowerGating: extensionFlag(2),
  preventLocalClockGating: extensionFlag(3),
});
export const enterModuleRestore = moduleRequest(
  "enter-module-restore",
  ModuleMessage.ENTER_MODULE_RESTORE,
  { data: extension(0, 30) },
);
export const exitModuleRestore = moduleRequest(
  "exit-module-restore",
  ModuleMessage.EXIT_MODULE_RESTORE,
  { data: extension(0, 30) },
);
export const deleteInstance = moduleRequest("delete-instance", ModuleMessage.DELETE_INSTANCE, {});

/** A module message of a type that the protocol does not have. */
export const unknownModule = wordLayout("unknown-module", MODULE_TARGET, WHICH_BUT_TYPE, {
  type: primary(24, 5),
  moduleId: primary(0, 16),
  instanceId: primary(16, 8),
  data: extension(0, 30),
});
