export { defaultFirmwareConfig, type FirmwareConfig, type LockingName } from "./config.js";
export { BarLink } from "./host-side/bar-link.js";
export { HostStreams } from "./host-side/host-streams.js";
export { type FarEnds, Links } from "./host-side/links.js";
export { Firmware } from "./firmware.js";
export { FirmwareHalted } from "./firmware-halted.js";
export type { FirmwareOptions } from "./firmware-options.js";
export type { ResourceUse } from "./resource-use.js";
