import { formatUuid, InputError, parseUuid } from "@sof-ts/kit";

/** Module names and UUIDs as SOF's `uuid-registry.txt` writes them (8-4-4-16 digits). */
const registry: Readonly<Record<string, string>> = {
  aria: "99f7166d-372c-43ef-81f622007aa15f03",
  asrc4: "66b4402d-b468-42f2-81a7b37121863dd4",
  basefw: "0e398c32-5ade-ba4b-93b1c50432280ee4",
  brngup: "2b79e4f3-4675-f649-89df3bc194a91aeb",
  chain_dma: "6a0a274f-27cc-4afb-a3e73444723f432e",
  cold: "d406d134-c3c1-402c-8aec6821c0c2b0e6",
  copier: "9ba00c83-ca12-4a83-943c1fa2e82f9dda",
  crossover: "948c9ad1-806a-4131-ad6cb2bda9e35a9f",
  dcblock: "b809efaf-5681-42b1-9ed604bb012dd384",
  demux: "c4b26868-1430-470e-a08915d1c77f851a",
  drc: "b36ee4da-006f-47f9-a06dfecbe2d8b6ce",
  dts: "d95fc34f-370f-4ac7-bc86bfdc5be241e6",
  eq_fir: "43a90ce7-f3a5-41df-ac06ba98651ae6a3",
  eq_iir: "5150c0e6-27f9-4ec8-8351c705b642d12f",
  fir: "93446e12-1864-4e04-afe03b1d778ffb79",
  gain: "61bca9a8-18d0-4a18-8e7b2639219804b7",
  google_ctc_audio_processing: "bf0e1bbc-dc6a-45fe-bc902554cb137ab4",
  google_rtc_audio_processing: "b780a0a6-269f-466f-b47723dfa05af758",
  igo_nr: "696ae2bc-2877-11eb-adc10242ac120002",
  iir: "b0cdcd9e-ef8b-404f-84800f287fc9d44d",
  keyword: "eba8d51f-7827-47b5-82eede6e7743af67",
  kpb: "d8218443-5ff3-4a4c-b3886cfe07b9562e",
  kpb4: "a8a0cb32-4a77-4db1-85c753d7ee07bce6",
  level_multiplier: "30397456-4661-4644-97e539a9e5ab1778",
  mfcc: "db10a773-1aa4-4cea-a21f2d57a5c982eb",
  mixin: "39656eb2-3b71-4049-8d3ff92cd5c43c09",
  mixout: "3c56505a-24d7-418f-bddcc1f5a3ac2ae0",
  multiband_drc: "0d9f2256-8e4f-47b3-8448239a334f1191",
  mux4: "64ce6e35-857a-4878-ace8e2a2f42e3069",
  phase_vocoder: "09fbcb7a-a9c5-4a57-84344440e598ab24",
  probe4: "7cad0808-ab10-cd23-ef4512ab34cd56ef",
  rtnr: "5c7ca334-e15d-11eb-ba800242ac130004",
  selector4: "32fe92c1-1e17-4fc2-9758c7f3542e980a",
  smart_amp_test: "167a961e-8ae4-11ea-89f1000c29ce1635",
  sound_dose: "a43f9d7c-ea75-44d5-942d967991a33809",
  src4: "e61bb28d-149a-4c1f-b70946823ef5f5ae",
  src_lite: "33441051-44cd-466a-83a3178478708aea",
  stft_process: "0d116ea6-9150-46de-98b8b2b3a791da29",
  tdfb: "dd511749-d9fa-455c-b3a713585693f1af",
  template: "a62de1af-5964-4e2e-b1677fdc97279a29",
  tone: "04e3f894-2c5c-4f2e-8dc1694eeaab53fa",
  up_down_mixer: "42f8060c-832f-4dbf-b24751e961997b34",
  volume4: "8a171323-94a3-4e1d-afe9fe5dbaa4c393",
};

/** Every registered module name, in alphabetical order. */
export const moduleNames: readonly string[] = Object.keys(registry);

const nameByUuid = new Map(
  moduleNames.map((name) => [formatUuid(parseUuid(registry[name] as string)), name]),
);

/**
 * Names the module of a UUID by SOF's registry.
 *
 * @param uuid 8-4-4-4-12 text, lower case, as the typed model has it
 * @returns undefined for a UUID that is not in the registry
 */
export function moduleName(uuid: string): string | undefined {
  return nameByUuid.get(uuid);
}

/**
 * Finds a module's UUID.
 *
 * @param nameOrUuid a registered name, or a UUID as text in any usual form
 * @returns 8-4-4-4-12 text, lower case
 * @throws InputError for a name that is not registered and not a UUID
 */
export function moduleUuid(nameOrUuid: string): string {
  const text = Object.hasOwn(registry, nameOrUuid) ? (registry[nameOrUuid] as string) : nameOrUuid;
  if (!/^[0-9a-f]{8}-/i.test(text)) {
    throw new InputError(`no module is called "${nameOrUuid}"`, {
      remedy: `Give its UUID, or one of ${moduleNames.join(", ")}`,
    });
  }
  return formatUuid(parseUuid(text));
}
