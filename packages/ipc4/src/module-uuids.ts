/** UUIDs of the firmware's modules, as SOF's registry has them: 8-4-4-4-12, lower case. */
export const ModuleUuid = {
  ASRC: "66b4402d-b468-42f2-81a7-b37121863dd4",
  BASE_FW: "0e398c32-5ade-ba4b-93b1-c50432280ee4",
  CHAIN_DMA: "6a0a274f-27cc-4afb-a3e7-3444723f432e",
  COPIER: "9ba00c83-ca12-4a83-943c-1fa2e82f9dda",
  DEMUX: "c4b26868-1430-470e-a089-15d1c77f851a",
  GAIN: "61bca9a8-18d0-4a18-8e7b-2639219804b7",
  KEYWORD_DETECT_TEST: "eba8d51f-7827-47b5-82ee-de6e7743af67",
  KPB: "a8a0cb32-4a77-4db1-85c7-53d7ee07bce6",
  MIXIN: "39656eb2-3b71-4049-8d3f-f92cd5c43c09",
  MIXOUT: "3c56505a-24d7-418f-bddc-c1f5a3ac2ae0",
  MUX: "64ce6e35-857a-4878-ace8-e2a2f42e3069",
  PEAKVOL: "8a171323-94a3-4e1d-afe9-fe5dbaa4c393",
  PROBE: "7cad0808-ab10-cd23-ef45-12ab34cd56ef",
  SELECTOR: "32fe92c1-1e17-4fc2-9758-c7f3542e980a",
  SRC: "e61bb28d-149a-4c1f-b709-46823ef5f5ae",
} as const;
export type ModuleUuid = (typeof ModuleUuid)[keyof typeof ModuleUuid];
