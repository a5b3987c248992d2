export { defaultFirmwareConfig, type FirmwareConfig, type LockingName } from "./config.js";
export { BarLink } from "./host-side/bar-link.js";
export { HostStreams } from "./host-side/host-streams.js";
export { type FarEnds, Links } from "./host-side/links.js";
export { Firmware, FirmwareHalted, type FirmwareOptions, type ResourceUse } from "./firmware.js";
