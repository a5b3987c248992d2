import { loadLibrary, loadLibraryPrepare, unloadModules } from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { withLibraries, withoutLibraries } from "../scripted-libraries.js";

export const file = casesIn(import.meta.url);
const { protocolCase, unreachableCase } = file;

protocolCase("LOAD_LIBRARY", "build without a library manager", (lab) => {
  const other = withoutLibraries(lab);
  check(other.status(loadLibrary(0, 0))).toBe(15);
  return other.status(loadLibrary(0, 1));
});
protocolCase("LOAD_LIBRARY", "library 0", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -22;
  const status = other.status(loadLibrary(3, 0));
  check(libraries.log).toEqual(["load 0 by 3"]);
  return status;
});
protocolCase("LOAD_LIBRARY", "library manager: invalid argument", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -22;
  return other.status(loadLibrary(3, 1));
});
protocolCase("LOAD_LIBRARY", "library manager: any other error", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -5;
  return other.status(loadLibrary(3, 1));
});
protocolCase("LOAD_LIBRARY", "library is loaded", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  const status = other.status(loadLibrary(31, 15));
  check(libraries.log).toEqual(["load 15 by 31"]);
  return status;
});
protocolCase("LOAD_LIBRARY_PREPARE", "build without a library manager", (lab) =>
  withoutLibraries(lab).status(loadLibraryPrepare(1)),
);
protocolCase("LOAD_LIBRARY_PREPARE", "DMA channel: invalid argument", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -22;
  return other.status(loadLibraryPrepare(1));
});
protocolCase("LOAD_LIBRARY_PREPARE", "DMA channel: any other error", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -16;
  return other.status(loadLibraryPrepare(1));
});
protocolCase("LOAD_LIBRARY_PREPARE", "DMA channel is taken", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  const status = other.status(loadLibraryPrepare(7));
  check(libraries.log).toEqual(["prepare 7"]);
  return status;
});

protocolCase("UNLOAD_MULTIPLE_MODULES", "build without a library manager", (lab) =>
  withoutLibraries(lab).status(unloadModules([0x1000])),
);
protocolCase("UNLOAD_MULTIPLE_MODULES", "no module, or one of the base image", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  const statuses = [unloadModules([]), unloadModules([0x1000, 4])].map((each) =>
    other.status(each),
  );
  check(statuses).toEqual([1, 1]);
  check(libraries.log).toEqual([]);
  return statuses[0] as number;
});
for (const [condition, rc] of [
  ["library manager: invalid argument", -22],
  ["library is not loaded", -2],
  ["library is in use", -16],
  ["library manager: any other error", -5],
] as const) {
  protocolCase("UNLOAD_MULTIPLE_MODULES", condition, (lab) => {
    const { lab: other, libraries } = withLibraries(lab);
    libraries.rc = rc;
    return other.status(unloadModules([0x1000]));
  });
}
protocolCase("UNLOAD_MULTIPLE_MODULES", "libraries are unloaded", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  const status = other.status(unloadModules([0x1001, 0x2000, 0x1000]));
  check(libraries.log).toEqual(["unload 1 2"]);
  return status;
});

unreachableCase(
  "LOAD_LIBRARY",
  "library number past the last",
  "The message has four bits for the number, and there are sixteen libraries with the base image.",
);
