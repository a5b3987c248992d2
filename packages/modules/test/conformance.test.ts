import { conformance } from "./conformance.js";
import { subjects } from "./conformance-subjects.js";

for (const subject of subjects) conformance(subject);
