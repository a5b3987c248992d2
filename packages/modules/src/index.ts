export { type BuiltinModule, builtinManifest, builtinModules } from "./builtin-modules.js";
export { copierDriver } from "./copier/driver.js";
export { dcBlockDriver } from "./dcblock/driver.js";
export { eqFirDriver } from "./eq-fir/driver.js";
export { eqIirDriver } from "./eq-iir/driver.js";
export { drcDriver } from "./drc/driver.js";
export { gainDriver, peakVolumeDriver } from "./gain/driver.js";
export { mixinDriver } from "./mixin/driver.js";
export { mixoutDriver } from "./mixout/driver.js";
