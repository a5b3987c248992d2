import fc from "fast-check";

// Property tests draw the same values on every run and every machine, unless somebody asks for others.
const seed = process.env["SOF_TS_PROPERTY_SEED"] ?? "20250101";
if (seed === "random") {
  fc.resetConfigureGlobal();
} else if (/^-?\d+$/.test(seed)) {
  fc.configureGlobal({ seed: Number(seed) });
} else {
  throw new Error(`SOF_TS_PROPERTY_SEED is "${seed}"; it must be an integer or "random"`);
}
