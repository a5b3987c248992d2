import type { Lab } from "./lab.js";

/** A library manager that answers as it is told. */
export class ScriptedLibraries {
  readonly log: string[] = [];
  rc = 0;

  *prepare(dmaId: number): Generator<number, number, number> {
    this.log.push(`prepare ${dmaId}`);
    return this.rc;
  }

  *load(dmaId: number, library: number): Generator<number, number, number> {
    this.log.push(`load ${library} by ${dmaId}`);
    return this.rc;
  }

  *unload(ids: readonly number[]): Generator<number, number, number> {
    this.log.push(`unload ${ids.join(" ")}`);
    return this.rc;
  }

  libraries() {
    const version = { major: 1, minor: 2, hotfix: 3, build: 4 };
    return [{ id: 1, name: "SMARTAMP", version, moduleCount: 3 }];
  }

  storeContext(): number {
    return this.rc;
  }
}

export const withLibraries = (lab: Lab): { lab: Lab; libraries: ScriptedLibraries } => {
  const libraries = new ScriptedLibraries();
  return { lab: lab.with({ libraries }), libraries };
};

export const withoutLibraries = (lab: Lab): Lab =>
  lab.with({ config: { CONFIG_LIBRARY_MANAGER: false } });
