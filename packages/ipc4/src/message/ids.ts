/**
 * Joins a library and the index of a module in its manifest.
 *
 * @param libraryId 0..15; 0 is the base firmware
 * @param index 0..4095
 */
export const moduleId = (libraryId: number, index: number): number => (libraryId << 12) | index;

/** @returns the library that a module id belongs to, 0 for the base firmware */
export const libraryOf = (moduleId: number): number => (moduleId >>> 12) & 0xf;

/** @returns the module's index in its library's manifest */
export const manifestIndexOf = (moduleId: number): number => moduleId & 0xfff;

/** @returns the firmware's component id, SOF's `IPC4_COMP_ID` */
export const componentId = (moduleId: number, instanceId: number): number =>
  instanceId * 0x1_0000 + moduleId;

/** @returns the module id in a component id */
export const moduleOfComponent = (componentId: number): number => componentId & 0xffff;

/** @returns the instance id in a component id */
export const instanceOfComponent = (componentId: number): number => (componentId >>> 16) & 0xff;

/** @returns the id of the buffer between two queues of a connection, SOF's `IPC4_COMP_ID(src, dst)` */
export const bufferId = (sourceQueue: number, destinationQueue: number): number =>
  destinationQueue * 0x1_0000 + sourceQueue;
