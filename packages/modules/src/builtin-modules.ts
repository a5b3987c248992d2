import type { ModuleDriver } from "@sof-ts/module-api";
import { ariaDriver } from "./aria/driver.js";
import { asrcDriver } from "./asrc/driver.js";
import { copierDriver } from "./copier/driver.js";
import { crossoverDriver } from "./crossover/driver.js";
import { dcBlockDriver } from "./dcblock/driver.js";
import { detectTestDriver } from "./detect-test/driver.js";
import { drcDriver } from "./drc/driver.js";
import { dtsDriver } from "./dts/driver.js";
import { eqFirDriver } from "./eq-fir/driver.js";
import { eqIirDriver } from "./eq-iir/driver.js";
import { gainDriver, peakVolumeDriver } from "./gain/driver.js";
import { googleRtcDriver } from "./google-rtc/driver.js";
import { igoNrDriver } from "./igo-nr/driver.js";
import { kpbDriver } from "./kpb/driver.js";
import { levelMultiplierDriver } from "./level-multiplier/driver.js";
import { mixinDriver } from "./mixin/driver.js";
import { mixoutDriver } from "./mixout/driver.js";
import { multibandDrcDriver } from "./multiband-drc/driver.js";
import { demuxDriver, muxDriver } from "./mux/driver.js";
import { rtnrDriver } from "./rtnr/driver.js";
import { selectorDriver } from "./selector/driver.js";
import { smartAmpTestDriver } from "./smart-amp-test/driver.js";
import { srcLiteDriver } from "./src-lite/driver.js";
import { srcDriver } from "./src/driver.js";
import { tdfbDriver } from "./tdfb/driver.js";
import { templateDriver } from "./template/driver.js";
import { toneDriver } from "./tone/driver.js";
import { upDownMixerDriver } from "./up-down-mixer/driver.js";

/** Module ids that every image gives to these modules, so that traces of real hosts can be replayed. */
const fixed: readonly (readonly [id: number, driver: ModuleDriver])[] = [
  [2, mixinDriver],
  [3, mixoutDriver],
  [4, copierDriver],
  [5, peakVolumeDriver],
  [6, gainDriver],
  [7, srcDriver],
  [8, asrcDriver],
];

/** All others, one a line; they take the ids after the fixed ones in this order. */
const others: readonly ModuleDriver[] = [
  // Add yours at the end: ids are positions.
  eqIirDriver,
  drcDriver,
  eqFirDriver,
  dcBlockDriver,
  tdfbDriver,
  crossoverDriver,
  multibandDrcDriver,
  selectorDriver,
  muxDriver,
  demuxDriver,
  templateDriver,
  levelMultiplierDriver,
  ariaDriver,
  toneDriver,
  upDownMixerDriver,
  googleRtcDriver,
  dtsDriver,
  rtnrDriver,
  igoNrDriver,
  srcLiteDriver,
  kpbDriver,
  detectTestDriver,
  smartAmpTestDriver,
];

/** The rate converters have 7 and 8 in every image. */
const FIRST_FREE_ID = 9;

/** A module of this image with its manifest index, which is its IPC4 module id. */
export interface BuiltinModule {
  readonly id: number;
  readonly driver: ModuleDriver;
}

/** The manifest: indices 0 and 1 are the firmware's own (bring-up and base firmware). */
export const builtinManifest: readonly BuiltinModule[] = [
  ...fixed.map(([id, driver]) => ({ id, driver })),
  ...others.map((driver, index) => ({ id: FIRST_FREE_ID + index, driver })),
];

/** The drivers in manifest order. */
export const builtinModules: readonly ModuleDriver[] = builtinManifest.map(({ driver }) => driver);
