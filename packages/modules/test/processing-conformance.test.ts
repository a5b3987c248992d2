import { conformance } from "./conformance.js";
import { processingSubjects } from "./processing-subjects.js";

for (const subject of processingSubjects) conformance(subject);
